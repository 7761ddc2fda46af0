//! Which encoding a page is in, and its bytes as UTF-8, whatever the chunks. What is UTF-8 already passes as it is: whoever
//! reads it replaces what is malformed.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, WINDOWS_1252};

/// A page's bytes become UTF-8, chunk by chunk.
pub(crate) struct Utf8Stream {
    state: State,
}

enum State {
    Decoding(Box<Decoder>),
    /// UTF-8; holds the beginning of a byte order mark.
    Passing(Option<Vec<u8>>),
    /// Nothing but ASCII so far; holds what came from the first other byte on.
    Sampling(Claims, Vec<u8>),
}

/// What header and markup say of the encoding.
#[derive(Clone, Copy, Debug, Default)]
struct Claims {
    header: Option<&'static Encoding>,
    markup: Option<&'static Encoding>,
}

/// From the first byte that is not ASCII so much is looked at: some hundred foreign words of markup-laden text.
const SAMPLE_BYTES: usize = 16 * 1024;
/// Foreign characters that are valid UTF-8 by chance: of 100,000 pairs of windows-1251 text fewer than ten come twice.
const CHANCE_CHARS_MAX: usize = 1;
/// Malformed sequences in a full sample that a page in UTF-8 may show before its text begins.
const STRAYS_MAX: usize = 7;
/// Fewer foreign bytes tell nothing; what is left is the most common encoding without a word.
const GUESS_BYTES_MIN: usize = 4;
/// Foreign bytes that an alphabet is told by, against a page's own word.
const SCRIPT_BYTES_MIN: usize = 64;
/// UTF-8's byte order mark, which is no part of the text.
const BOM: &[u8] = b"\xEF\xBB\xBF";
/// Output is decoded through a stack buffer of this size.
const SCRATCH_BYTES: usize = 4096;

impl Utf8Stream {
    /// Chooses the encoding: a byte order mark settles it. Else `Content-Type` and `<meta>` in `prefix`, the beginning of
    /// the body, are believed as far as the first foreign text bears them out; without them, or against them, it is
    /// guessed from that text.
    pub(crate) fn new(content_type: Option<&str>, prefix: &[u8]) -> Self {
        let claims =
            Claims { header: content_type.and_then(charset_of_header), markup: declared_in_markup(prefix) };
        let certain = Encoding::for_bom(prefix)
            .map(|(encoding, _)| encoding)
            .or_else(|| claims.best().filter(|encoding| !encoding.is_ascii_compatible()));
        let state = match certain {
            Some(encoding) if encoding == UTF_8 => State::Passing(Some(Vec::new())),
            Some(encoding) => State::Decoding(Box::new(encoding.new_decoder_with_bom_removal())),
            None => State::Sampling(claims, Vec::new()),
        };
        Self { state }
    }

    /// Decodes `bytes` to the end of `out`. Input that is malformed in another encoding becomes U+FFFD.
    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        match &mut self.state {
            State::Decoding(decoder) => decode(decoder, bytes, false, out),
            State::Passing(None) => out.extend_from_slice(bytes),
            State::Passing(Some(held)) => {
                held.extend_from_slice(bytes);
                if held.len() >= BOM.len() || !BOM.starts_with(held) {
                    out.extend_from_slice(held.strip_prefix(BOM).unwrap_or(held));
                    self.state = State::Passing(None);
                }
            }
            State::Sampling(_, held) => {
                let ascii = if held.is_empty() { Encoding::ascii_valid_up_to(bytes) } else { 0 };
                let (plain, rest) = bytes.split_at_checked(ascii).unwrap_or((bytes, &[]));
                out.extend_from_slice(plain);
                held.extend_from_slice(rest);
                if held.len() >= SAMPLE_BYTES {
                    self.settle(out);
                }
            }
        }
    }

    /// The body is over: decodes what was held back.
    pub(crate) fn finish(mut self, out: &mut Vec<u8>) {
        self.settle(out);
        match &mut self.state {
            State::Decoding(decoder) => decode(decoder, &[], true, out),
            State::Passing(held) => out.extend(held.take().unwrap_or_default()),
            State::Sampling(..) => {}
        }
    }

    fn settle(&mut self, out: &mut Vec<u8>) {
        let State::Sampling(claims, held) = &mut self.state else { return };
        let (claims, held) = (*claims, std::mem::take(held));
        let encoding = claims.weigh(held.get(..SAMPLE_BYTES).unwrap_or(&held));
        if encoding == UTF_8 {
            out.extend_from_slice(&held);
            self.state = State::Passing(None);
        } else {
            let mut decoder = Box::new(encoding.new_decoder_without_bom_handling());
            decode(&mut decoder, &held, false, out);
            self.state = State::Decoding(decoder);
        }
    }
}

impl Claims {
    /// Servers send `ISO-8859-1` for want of anything better; the page knows.
    fn best(self) -> Option<&'static Encoding> {
        let by_default = self.header == Some(WINDOWS_1252) && self.markup.is_some();
        if by_default { self.markup } else { self.header.or(self.markup) }
    }

    /// The encoding that the foreign text in `sample` is in.
    fn weigh(self, sample: &[u8]) -> &'static Encoding {
        let full = sample.len() >= SAMPLE_BYTES;
        let (mut valid, mut malformed) = (0_usize, 0_usize);
        for chunk in sample.utf8_chunks() {
            valid = valid.saturating_add(chunk.valid().chars().filter(|c| !c.is_ascii()).count());
            malformed = malformed.saturating_add(usize::from(!chunk.invalid().is_empty()));
        }
        // The sample's end may cut a character.
        let cut = full && std::str::from_utf8(sample).is_err_and(|error| error.error_len().is_none());
        malformed = malformed.saturating_sub(usize::from(cut));
        let is_utf8 = valid >= malformed.saturating_mul(2) && valid > 0;
        match self.best() {
            Some(claimed) if claimed == UTF_8 => {
                if is_utf8 || (full && malformed <= STRAYS_MAX) {
                    return UTF_8;
                }
                let other = [self.header, self.markup].into_iter().flatten().find(|other| *other != UTF_8);
                other.unwrap_or_else(|| guess(sample))
            }
            Some(_) if malformed == 0 && valid > CHANCE_CHARS_MAX => UTF_8,
            Some(claimed) if claimed == WINDOWS_1252 => {
                let foreign = sample.iter().filter(|byte| !byte.is_ascii()).count();
                let guessed = if foreign >= SCRIPT_BYTES_MIN { guess(sample) } else { claimed };
                if is_latin(guessed) { claimed } else { guessed }
            }
            Some(claimed) => claimed,
            None if is_utf8 => UTF_8,
            None => guess(sample),
        }
    }
}

/// By the frequency of letters and pairs of letters, as browsers guess.
fn guess(sample: &[u8]) -> &'static Encoding {
    if sample.iter().filter(|byte| !byte.is_ascii()).count() < GUESS_BYTES_MIN {
        return WINDOWS_1252;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// Encodings whose letters are mostly ASCII: taking one for another spoils a few letters, not the text.
fn is_latin(encoding: &'static Encoding) -> bool {
    let name = encoding.name();
    matches!(
        name,
        "windows-1250"
            | "windows-1252"
            | "windows-1254"
            | "windows-1257"
            | "windows-1258"
            | "ISO-8859-2"
            | "ISO-8859-4"
            | "ISO-8859-10"
            | "ISO-8859-13"
            | "ISO-8859-15"
    )
}

fn decode(decoder: &mut Decoder, bytes: &[u8], last: bool, out: &mut Vec<u8>) {
    let mut scratch = [0_u8; SCRATCH_BYTES];
    let mut rest = bytes;
    loop {
        let (result, read, written, _) = decoder.decode_to_utf8(rest, &mut scratch, last);
        out.extend_from_slice(scratch.get(..written).unwrap_or_default());
        rest = rest.get(read..).unwrap_or_default();
        if result == CoderResult::InputEmpty {
            return;
        }
    }
}

/// The `charset` parameter of a `Content-Type` header.
fn charset_of_header(header: &str) -> Option<&'static Encoding> {
    header.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then_some(())?;
        Encoding::for_label(value.trim().trim_matches(['"', '\'']).as_bytes())
    })
}

/// What `<meta charset>`, `<meta http-equiv content>` or an XML declaration in the prefix says. A page that was
/// readable as ASCII cannot be UTF-16, so that label means UTF-8 there.
fn declared_in_markup(prefix: &[u8]) -> Option<&'static Encoding> {
    let text = String::from_utf8_lossy(prefix).to_ascii_lowercase();
    let mut rest = text.as_str();
    while let Some((_, tag)) = rest.split_once('<') {
        rest = tag;
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let key = if tag.starts_with("meta") {
            "charset"
        } else if tag.starts_with("?xml") {
            "encoding"
        } else {
            continue;
        };
        let inside = tag.split('>').next().unwrap_or_default();
        let label =
            inside.split_once(key).map(|(_, after)| after.trim_start()).and_then(|s| s.strip_prefix('='));
        let Some(label) = label else { continue };
        let label = label.trim_start().trim_start_matches(['"', '\'']);
        let label =
            label.split(|c: char| c.is_whitespace() || "\"'/?>;".contains(c)).next().unwrap_or_default();
        let encoding = match label {
            "x-user-defined" => Some(WINDOWS_1252),
            _ => Encoding::for_label(label.as_bytes()),
        };
        if let Some(encoding) = encoding {
            return Some(if encoding.is_ascii_compatible() { encoding } else { UTF_8 });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: Option<&str>, body: &[u8]) -> String {
        let whole = read_in(content_type, body, body.len().max(1));
        for size in 1..8 {
            assert_eq!(read_in(content_type, body, size), whole, "chunks of {size}");
        }
        whole
    }

    fn read_in(content_type: Option<&str>, body: &[u8], size: usize) -> String {
        let mut stream = Utf8Stream::new(content_type, body);
        let mut out = Vec::new();
        for chunk in body.chunks(size) {
            stream.push(chunk, &mut out);
        }
        stream.finish(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn a_byte_order_mark_beats_the_header() {
        assert_eq!(read(Some("text/html; charset=koi8-r"), b"\xEF\xBB\xBFca\xC3\xA9"), "ca\u{e9}");
        assert_eq!(read(None, b"\xFF\xFEh\0i\0"), "hi");
        assert_eq!(read(None, b"\xFE\xFF\0h\0i"), "hi");
    }

    #[test]
    fn the_header_beats_the_meta_element() {
        let body = b"<meta charset=utf-8>\xEF";
        assert_eq!(read(Some("text/html; Charset=\"windows-1251\""), body), "<meta charset=utf-8>\u{43f}");
    }

    #[test]
    fn meta_elements_are_believed_unless_commented_out() {
        assert_eq!(read(None, b"<meta charset='windows-1251'>\xEF"), "<meta charset='windows-1251'>\u{43f}");
        let equiv = b"<META http-equiv=content-type content=\"text/html; charset=shift_jis\">\x93\xFA";
        assert!(read(None, equiv).ends_with('\u{65e5}'));
        assert!(read(None, b"<!-- <meta charset=koi8-r> --> caf\xC3\xA9").ends_with("caf\u{e9}"));
        assert!(read(None, b"<meta charset=utf-16> caf\xC3\xA9").ends_with("caf\u{e9}"));
    }

    #[test]
    fn text_in_another_encoding_than_its_page_says_is_still_read() {
        let russian = "\u{421}\u{435}\u{433}\u{43e}\u{434}\u{43d}\u{44f} \u{432} \u{433}\u{43e}\u{440}\u{43e}\u{434}\u{435} \u{43e}\u{442}\u{43a}\u{440}\u{44b}\u{43b}\u{441}\u{44f} \u{43d}\u{43e}\u{432}\u{44b}\u{439} \u{43c}\u{43e}\u{441}\u{442} \u{447}\u{435}\u{440}\u{435}\u{437} \u{440}\u{435}\u{43a}\u{443}. ";
        let chinese = "\u{4eca}\u{5929}\u{57ce}\u{91cc}\u{5f00}\u{901a}\u{4e86}\u{4e00}\u{5ea7}\u{65b0}\u{7684}\u{5927}\u{6865}\u{ff0c}\u{884c}\u{4eba}\u{548c}\u{8f66}\u{8f86}\u{90fd}\u{53ef}\u{4ee5}\u{901a}\u{8fc7}\u{3002}";
        let japanese = "\u{4eca}\u{65e5}\u{306f}\u{65b0}\u{3057}\u{3044}\u{6a4b}\u{304c}\u{958b}\u{901a}\u{3057}\u{307e}\u{3057}\u{305f}\u{3002}\u{8eca}\u{3082}\u{6b69}\u{884c}\u{8005}\u{3082}\u{901a}\u{308c}\u{307e}\u{3059}\u{3002}";
        let greek = "\u{3a3}\u{3ae}\u{3bc}\u{3b5}\u{3c1}\u{3b1} \u{3ac}\u{3bd}\u{3bf}\u{3b9}\u{3be}\u{3b5} \u{3bc}\u{3b9}\u{3b1} \u{3bd}\u{3ad}\u{3b1} \u{3b3}\u{3ad}\u{3c6}\u{3c5}\u{3c1}\u{3b1} \u{3c3}\u{3c4}\u{3b7}\u{3bd} \u{3c0}\u{3cc}\u{3bb}\u{3b7} \u{3ba}\u{3b1}\u{3b9} \u{3bf}\u{3b9} \u{3ac}\u{3bd}\u{3b8}\u{3c1}\u{3c9}\u{3c0}\u{3bf}\u{3b9} \u{3c0}\u{3b5}\u{3c1}\u{3bd}\u{3bf}\u{3cd}\u{3bd}. ";
        for (text, label) in [
            (russian, "windows-1251"),
            (russian, "koi8-r"),
            (chinese, "gb18030"),
            (japanese, "shift_jis"),
            (japanese, "euc-jp"),
            (greek, "iso-8859-7"),
        ] {
            let encoding = Encoding::for_label(label.as_bytes()).expect("an encoding");
            let text = text.repeat(4);
            let (bytes, _, _) = encoding.encode(&text);
            for claim in [None, Some("text/html; charset=utf-8"), Some("text/html; charset=iso-8859-1")] {
                assert_eq!(read(claim, &bytes), text, "{label} said to be {claim:?}");
            }
            // And the reverse: UTF-8 that claims to be something else.
            let claim = format!("text/html; charset={label}");
            assert_eq!(read(Some(&claim), text.as_bytes()), text, "UTF-8 said to be {label}");
        }
    }

    #[test]
    fn header_and_page_are_weighed_when_they_part() {
        let russian = "\u{43c}\u{43e}\u{441}\u{442}";
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(russian);
        let page = [b"<meta charset=windows-1251>".as_slice(), &bytes].concat();
        for header in ["text/html; charset=iso-8859-1", "text/html; charset=utf-8", "text/html"] {
            assert!(read(Some(header), &page).ends_with(russian), "{header}");
        }
    }

    #[test]
    fn stray_bytes_do_not_undo_utf8() {
        let text = "na\u{ef}ve caf\u{e9} \u{2013} ".repeat(20);
        let page = [text.as_bytes(), b"\xE9 ", text.as_bytes()].concat();
        assert_eq!(read(None, &page), format!("{text}\u{fffd} {text}"));
        // What begins with strays and goes on in UTF-8 behind the sample is still UTF-8, if it says so.
        let page = [b"\xA9".as_slice(), &b"a ".repeat(SAMPLE_BYTES), text.as_bytes()].concat();
        let decoded = read_in(Some("text/html; charset=utf-8"), &page, 4096);
        assert!(decoded.ends_with(&text));
    }

    #[test]
    fn without_a_word_the_first_foreign_character_decides() {
        assert_eq!(read(None, "na\u{ef}ve \u{2013}".as_bytes()), "na\u{ef}ve \u{2013}");
        assert_eq!(read(None, b"na\xEFve \x96"), "na\u{ef}ve \u{2013}");
        assert_eq!(read(None, b"caf\xE9"), "caf\u{e9}");
        assert_eq!(read(None, b""), "");
    }
}
