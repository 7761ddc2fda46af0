//! Which encoding a page is in, and its bytes as UTF-8, whatever the chunks.

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, WINDOWS_1252};

/// A page's bytes become UTF-8, chunk by chunk.
pub(crate) struct Utf8Stream {
    state: State,
}

enum State {
    Decoding(Box<Decoder>),
    /// Nothing but ASCII so far; holds the beginning of the first other character.
    Guessing(Vec<u8>),
}

/// Longest UTF-8 sequence: enough to tell UTF-8 from a one-byte encoding.
const GUESS_BYTES: usize = 4;
/// Output is decoded through a stack buffer of this size.
const SCRATCH_BYTES: usize = 4096;

impl Utf8Stream {
    /// Chooses the encoding: byte order mark, `Content-Type`, `<meta>` in `prefix`, else UTF-8 if the first
    /// non-ASCII character is valid UTF-8, else windows-1252. `prefix` is the beginning of the body.
    pub(crate) fn new(content_type: Option<&str>, prefix: &[u8]) -> Self {
        let known = Encoding::for_bom(prefix)
            .map(|(encoding, _)| encoding)
            .or_else(|| content_type.and_then(charset_of_header))
            .or_else(|| declared_in_markup(prefix));
        let state = match known {
            Some(encoding) => State::Decoding(Box::new(encoding.new_decoder_with_bom_removal())),
            None => State::Guessing(Vec::new()),
        };
        Self { state }
    }

    /// Decodes `bytes` to the end of `out`. Malformed input becomes U+FFFD.
    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        match &mut self.state {
            State::Decoding(decoder) => decode(decoder, bytes, false, out),
            State::Guessing(held) => {
                let ascii = if held.is_empty() { Encoding::ascii_valid_up_to(bytes) } else { 0 };
                let (plain, rest) = bytes.split_at_checked(ascii).unwrap_or((bytes, &[]));
                out.extend_from_slice(plain);
                held.extend_from_slice(rest);
                if held.len() >= GUESS_BYTES {
                    self.settle(out);
                }
            }
        }
    }

    /// The body is over: decodes what was held back.
    pub(crate) fn finish(mut self, out: &mut Vec<u8>) {
        self.settle(out);
        if let State::Decoding(decoder) = &mut self.state {
            decode(decoder, &[], true, out);
        }
    }

    fn settle(&mut self, out: &mut Vec<u8>) {
        let State::Guessing(held) = &mut self.state else { return };
        let held = std::mem::take(held);
        let first = held.get(..GUESS_BYTES.min(held.len())).unwrap_or_default();
        let is_utf8 = std::str::from_utf8(first).map_or_else(|error| error.valid_up_to() > 0, |_| true);
        let encoding = if is_utf8 { UTF_8 } else { WINDOWS_1252 };
        let mut decoder = Box::new(encoding.new_decoder_without_bom_handling());
        decode(&mut decoder, &held, false, out);
        self.state = State::Decoding(decoder);
    }
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
        String::from_utf8(out).expect("output is UTF-8")
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
    fn without_a_word_the_first_foreign_character_decides() {
        assert_eq!(read(None, "na\u{ef}ve \u{2013}".as_bytes()), "na\u{ef}ve \u{2013}");
        assert_eq!(read(None, b"na\xEFve \x96"), "na\u{ef}ve \u{2013}");
        assert_eq!(read(None, b"caf\xE9"), "caf\u{e9}");
        assert_eq!(read(None, b""), "");
    }
}
