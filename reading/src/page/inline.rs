//! Inline text as Markdown: styles, links, code spans, and a backslash only where text would turn into markup.

use super::block::{Block, Kind, Math, Style};
use super::notes::{Notes, Role};
use std::collections::BTreeSet;

/// Where a block's text will stand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place<'a> {
    /// Link targets; a style's `link` is 1-based into it.
    pub(crate) targets: &'a [String],
    /// The page's own URL without fragment: headings do not link to themselves.
    pub(crate) page: &'a str,
    /// Within a table cell: one line, no bare bars.
    pub(crate) cell: bool,
    /// A title: strong as a whole.
    pub(crate) title: bool,
    /// There are formulas on the page, so that bare dollar signs would be taken for their ends.
    pub(crate) math: bool,
    /// The footnotes that are shown.
    pub(crate) notes: Option<&'a Notes>,
}

/// Underscores in longer runs are always escaped: looking for their ends must not cost a page's length for each.
const RUN_CHARS_MAX: usize = 16;

/// A block's text as Markdown; hard line breaks become two spaces and `\n`, in cells and headings a space.
pub(crate) fn inline(block: &Block, place: Place<'_>) -> String {
    let heading = matches!(block.kind, Kind::Heading(_));
    if let Some(plain) = plain(block, place) {
        return plain.to_owned();
    }
    let pieces = pieces(block, place, heading);
    let mut flat: Vec<char> = Vec::with_capacity(pieces.iter().map(|piece| piece.text.len()).sum());
    for piece in &pieces {
        flat.extend(piece.text.chars());
    }
    let escapes = line_escapes(&flat, heading);
    let mut out = String::with_capacity(block.text.len().saturating_add(16));
    let mut at = 0_usize;
    let mut open_link = 0;
    for (index, piece) in pieces.iter().enumerate() {
        let end = at.saturating_add(piece.text.chars().count());
        let before = index.checked_sub(1).and_then(|before| pieces.get(before));
        if before.is_some_and(|before| before.is_note) {
            if piece.is_bracketed() {
                out.push(' ');
            } else if piece.style == Style::default() && piece.text.starts_with([':', '(']) {
                // `[^1]:` begins a note, `[^1](` a link.
                out.push('\\');
            }
        }
        if piece.style.link != open_link {
            close_link(&mut out, open_link, place);
            open_link = piece.style.link;
            if open_link != 0 {
                out.push('[');
            }
        }
        if piece.is_note {
            out.push_str("[^");
            out.push_str(&piece.text);
            out.push(']');
        } else if piece.style.math != Math::None {
            formula(&mut out, &piece.text, piece.style.math, place.cell);
        } else if piece.style.code && !defines(&out, &piece.text) {
            code_span(&mut out, &piece.text, place.cell);
        } else {
            let next = pieces.get(index.saturating_add(1));
            let struck = if piece.style.del && strikes(piece, &out, next) { "~~" } else { "" };
            out.push_str(struck);
            let mark = emphasis(piece, &out, next);
            out.push_str(mark);
            if piece.text.bytes().all(is_plain) && escapes.range(at..end).next().is_none() {
                out.push_str(&piece.text);
            } else {
                escape(&mut out, &flat, at..end, &escapes, Around { piece, next, place });
            }
            out.push_str(mark);
            out.push_str(struck);
        }
        at = end;
    }
    close_link(&mut out, open_link, place);
    out
}

/// The text of a block that is its own Markdown: of no style, on one line, and without a character that could be markup.
fn plain<'a>(block: &'a Block, place: Place<'_>) -> Option<&'a str> {
    let text = block.text.trim();
    let styled = match block.runs.as_slice() {
        [] => text.is_empty(),
        [run] => run.start == 0 && run.style == Style::default(),
        _ => false,
    };
    // A line that begins with a letter is nothing but text.
    let begins = text.starts_with(char::is_alphabetic);
    (styled && begins && block.kind != Kind::Term && !place.title && text.bytes().all(is_plain))
        .then_some(text)
}

/// Nothing that is ever escaped but at the beginning of a line.
fn is_plain(byte: u8) -> bool {
    !matches!(
        byte,
        b'\n' | b'\\' | b'`' | b'*' | b'_' | b'[' | b']' | b'$' | b'<' | b'&' | b'!' | b'~' | b'|' | b'#'
    )
}

/// A stretch of one style, white space at the ends of styled stretches split off.
struct Piece {
    style: Style,
    text: String,
    /// Not text, but the label of a footnote that is referred to.
    is_note: bool,
}

impl Piece {
    /// Begins with a bracket, so that a note right before it would be read as its label: `[^1][a]`.
    fn is_bracketed(&self) -> bool {
        self.style.link != 0 || self.text.starts_with('[')
    }
}

struct Around<'a> {
    piece: &'a Piece,
    next: Option<&'a Piece>,
    place: Place<'a>,
}

/// What a block shows in plain text, and the targets of its links.
#[cfg(test)]
pub(crate) fn outline(block: &Block, place: Place<'_>) -> (String, Vec<String>) {
    let pieces = pieces(block, place, matches!(block.kind, Kind::Heading(_)));
    let mut targets = Vec::new();
    let mut open = 0;
    for piece in &pieces {
        if piece.style.link != open {
            targets.extend(place.targets.get((piece.style.link as usize).wrapping_sub(1)).cloned());
        }
        open = piece.style.link;
    }
    let mut text = String::new();
    let mut after_note = false;
    for piece in &pieces {
        if after_note && piece.is_bracketed() {
            text.push(' ');
        }
        after_note = piece.is_note;
        match piece.style.math {
            _ if piece.is_note => {}
            Math::None => text.push_str(&piece.text),
            _ => text.push_str(&piece.text.replace('<', "< ")),
        }
    }
    (text, targets)
}

fn pieces(block: &Block, place: Place<'_>, heading: bool) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let one_line = heading || place.cell;
    let mut went_back = false;
    for (style, text) in block.styled() {
        let target = style.link.checked_sub(1).and_then(|place_of| place.targets.get(place_of as usize));
        if is_permalink(text, target.map(String::as_str), one_line) {
            continue;
        }
        match place.notes.map(|notes| notes.role(block, style.link, text)) {
            Some(Role::Reference(label)) => {
                pieces.push(Piece { style: Style::default(), text: label.to_owned(), is_note: true });
                continue;
            }
            Some(Role::BackLink) => {
                went_back = true;
                continue;
            }
            _ => {}
        }
        let style = plain_style(block, style, place);
        let text = if one_line { text.replace('\n', " ") } else { text.to_owned() };
        match pieces.last_mut() {
            Some(last) if last.style == style && !last.is_note => last.text.push_str(&text),
            _ => pieces.push(Piece { style, text, is_note: false }),
        }
    }
    unbracket(&mut pieces);
    let mut pieces: Vec<Piece> = pieces.into_iter().flat_map(split_space).collect();
    join_links(&mut pieces);
    let mut merged: Vec<Piece> = Vec::new();
    for piece in pieces {
        match merged.last_mut() {
            Some(last) if last.style == piece.style && !last.is_note && !piece.is_note => {
                last.text.push_str(&piece.text);
            }
            _ => merged.push(piece),
        }
    }
    if went_back
        && let Some(piece) = merged.iter_mut().find(|piece| piece.text.trim_start().starts_with("[]"))
    {
        piece.text = piece.text.replacen("[]", "", 1);
    }
    if let Some(last) = merged.last_mut() {
        last.text.truncate(last.text.trim_end().len());
    }
    if let Some(first) = merged.first_mut() {
        first.text = first.text.trim_start().to_owned();
    }
    merged.retain(|piece| !piece.text.is_empty());
    merged
}

/// The style that is shown: headings and terms are strong as a whole and do not link to themselves.
fn plain_style(block: &Block, style: Style, place: Place<'_>) -> Style {
    let heading = matches!(block.kind, Kind::Heading(_));
    let target = style.link.checked_sub(1).and_then(|place_of| place.targets.get(place_of as usize));
    let own = target.is_none_or(|target| target.split('#').next() == Some(place.page));
    let label = heading || block.kind == Kind::Term;
    Style {
        strong: !style.code && !heading && (style.strong || block.kind == Kind::Term || place.title),
        em: !style.code && style.em,
        code: style.code,
        sup: false,
        del: !style.code && style.del,
        math: style.math,
        link: if label && own { 0 } else { style.link },
    }
}

/// A paragraph sign that links to its own heading.
fn is_permalink(text: &str, target: Option<&str>, heading: bool) -> bool {
    let text = text.trim();
    let says_so =
        || matches!(text.to_ascii_lowercase().as_str(), "permalink" | "permanent link" | "anchor" | "link");
    (matches!(text, "\u{b6}" | "#" | "##" | "\u{a7}" | "\u{1f517}") || (heading && says_so()))
        && target.is_some_and(|target| target.contains('#'))
}

fn split_space(piece: Piece) -> Vec<Piece> {
    if piece.style == Style::default() || piece.is_note {
        return vec![piece];
    }
    let core = piece.text.trim();
    let Some(start) = piece.text.find(core).filter(|_| !core.is_empty()) else {
        return vec![Piece { style: Style::default(), text: piece.text, is_note: false }];
    };
    let end = start.saturating_add(core.len());
    let plain = |text: Option<&str>| Piece {
        style: Style::default(),
        text: text.unwrap_or_default().to_owned(),
        is_note: false,
    };
    let (before, after) = (plain(piece.text.get(..start)), plain(piece.text.get(end..)));
    let middle = Piece { style: piece.style, text: core.to_owned(), is_note: false };
    [before, middle, after].into_iter().filter(|piece| !piece.text.is_empty()).collect()
}

/// A space between two stretches of one link belongs to the link.
fn join_links(pieces: &mut [Piece]) {
    for at in 1..pieces.len().saturating_sub(1) {
        let link = |at: usize| pieces.get(at).map_or(0, |piece| piece.style.link);
        let (before, after) = (link(at.saturating_sub(1)), link(at.saturating_add(1)));
        if before != 0
            && before == after
            && let Some(space) = pieces.get_mut(at).filter(|piece| piece.text.trim().is_empty())
        {
            space.style.link = before;
        }
    }
}

/// `[[^1]]` says no more than `[^1]`.
fn unbracket(pieces: &mut [Piece]) {
    for at in 1..pieces.len().saturating_sub(1) {
        let (before, rest) = pieces.split_at_mut(at);
        let (Some(before), Some((note, after))) = (before.last_mut(), rest.split_first_mut()) else { return };
        let Some(after) = after.first_mut().filter(|after| note.is_note && !after.is_note && !before.is_note)
        else {
            continue;
        };
        for (open, close) in [('[', ']'), ('(', ')')] {
            if before.text.ends_with(open) && after.text.starts_with(close) {
                before.text.pop();
                after.text.remove(0);
            }
        }
    }
}

fn close_link(out: &mut String, link: u32, place: Place<'_>) {
    let Some(target) = link.checked_sub(1).and_then(|i| place.targets.get(i as usize)) else { return };
    out.push(']');
    destination(out, target);
}

/// A link's target in parentheses.
pub(crate) fn destination(out: &mut String, target: &str) {
    out.push('(');
    let bracketed = target.contains(['(', ')']);
    if bracketed {
        out.push('<');
    }
    let plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'|' | b'<' | b'>' | b'&');
    let (head, mut rest) =
        target.split_at_checked(target.bytes().take_while(plain).count()).unwrap_or(("", target));
    out.push_str(head);
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '\\' => out.push_str("%5C"),
            '|' => out.push_str("%7C"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '&' if is_entity(rest.chars()) => out.push_str("&amp;"),
            c if c.is_whitespace() => out.push_str("%20"),
            c => out.push(c),
        }
    }
    if bracketed {
        out.push('>');
    }
    out.push(')');
}

/// A formula between dollar signs, as GFM and the common extensions of Markdown read it.
fn formula(out: &mut String, tex: &str, math: Math, cell: bool) {
    let mut tex = tex.replace('\n', " ");
    if cell {
        tex = tex.replace('|', "\\|");
    }
    // A bare dollar sign would end it; a letter behind a less-than sign would make it a tag. TeX does not see spaces.
    let mut last = ' ';
    let mut escaped = String::with_capacity(tex.len());
    let tex = tex.replace('<', "< ");
    for c in tex.trim().chars() {
        if c == '$' && last != '\\' {
            escaped.push('\\');
        }
        escaped.push(c);
        last = if last == '\\' && c == '\\' { ' ' } else { c };
    }
    let fence = if math == Math::Display { "$$" } else { "$" };
    for part in [fence, escaped.as_str(), fence] {
        out.push_str(part);
    }
}

/// Whether two tildes around a piece would strike it out.
fn strikes(piece: &Piece, out: &str, next: Option<&Piece>) -> bool {
    let edge =
        |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || c.is_ascii_punctuation()) && c != Some('~');
    let inner = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace() && c != '~');
    edge(out.chars().next_back())
        && edge(next.and_then(|next| next.text.chars().next()))
        && inner(piece.text.chars().next())
        && inner(piece.text.chars().next_back())
}

/// Whether a code span would make its paragraph the definition of a link: nothing can be escaped in it, and definitions
/// are looked for before code.
fn defines(out: &str, code: &str) -> bool {
    out.starts_with('[') && code.contains("]:")
}

fn code_span(out: &mut String, text: &str, cell: bool) {
    let text = text.replace('\n', " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.saturating_add(1));
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    let text = if cell { text.replace('|', "\\|") } else { text };
    for part in [fence.as_str(), pad, text.as_str(), pad, fence.as_str()] {
        out.push_str(part);
    }
}

/// The delimiter around a piece, or nothing where CommonMark would not see it as one.
fn emphasis(piece: &Piece, out: &str, next: Option<&Piece>) -> &'static str {
    let mark = match (piece.style.strong, piece.style.em) {
        (false, false) => return "",
        (true, false) => "**",
        (false, true) => "*",
        (true, true) => "***",
    };
    let before = out.chars().next_back().unwrap_or(' ');
    let after = match next {
        None => ' ',
        Some(next) if next.style.link != piece.style.link => '[',
        Some(next) if next.style.code => '`',
        Some(next) => next.text.chars().next().unwrap_or(' '),
    };
    let parts = |c: char| c.is_whitespace() || c.is_ascii_punctuation();
    let (Some(first), Some(last)) = (piece.text.chars().next(), piece.text.chars().next_back()) else {
        return "";
    };
    let opens = first.is_alphanumeric() || parts(before);
    let closes = last.is_alphanumeric() || parts(after);
    if opens && closes && before != '*' { mark } else { "" }
}

fn escape(
    out: &mut String,
    flat: &[char],
    range: std::ops::Range<usize>,
    escapes: &BTreeSet<usize>,
    around: Around<'_>,
) {
    let (start, last) = (range.start, range.end.saturating_sub(1));
    let in_link = around.piece.style.link != 0;
    let styled = around.piece.style.strong || around.piece.style.em;
    for at in range {
        let Some(&c) = flat.get(at) else { return };
        if c == '\n' {
            out.push_str("  \n");
            continue;
        }
        let before = at.checked_sub(1).and_then(|i| flat.get(i)).copied().unwrap_or(' ');
        let after = flat.get(at.saturating_add(1)).copied().unwrap_or(' ');
        let rest = || flat.iter().skip(at.saturating_add(1)).copied();
        let needed = escapes.contains(&at)
            || match c {
                '\\' => after.is_ascii_punctuation() || after == '\n' || at == last,
                '`' => true,
                '*' => styled || at == last || !(before.is_whitespace() && after.is_whitespace()),
                '_' => {
                    let wordlike = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
                    // Beyond the piece stand the marks of another style.
                    let (own, here) = (flat.get(start..=last).unwrap_or_default(), at.saturating_sub(start));
                    let run_before = own.iter().take(here).rev().take(RUN_CHARS_MAX).find(|c| **c != '_');
                    let run_after = own.iter().skip(here).take(RUN_CHARS_MAX).find(|c| **c != '_');
                    let inside_word = wordlike(run_before) && wordlike(run_after);
                    let alone = before.is_whitespace() && after.is_whitespace();
                    !inside_word && !alone
                }
                '[' => in_link || after == '^',
                '$' => around.place.math,
                ']' => in_link || after == '(',
                '<' => after.is_ascii_alphabetic() || matches!(after, '/' | '!' | '?'),
                '&' => is_entity(rest()),
                '!' => {
                    at == last && around.next.is_some_and(|next| next.style.link != 0 || next.is_note)
                        || (in_link && after == '[')
                }
                // One that nothing can be struck out with needs a space before it.
                '~' => before == '~' || after == '~' || !before.is_whitespace(),
                '|' => around.place.cell,
                _ => false,
            };
        if needed {
            out.push('\\');
        }
        out.push(c);
    }
}

/// Does `rest`, behind an ampersand, make it an entity?
fn is_entity(rest: impl Iterator<Item = char>) -> bool {
    // The longest named entity has 32 characters.
    let mut seen = 0;
    for c in rest.take(34) {
        match c {
            ';' => return seen > 0,
            c if c.is_ascii_alphanumeric() || (c == '#' && seen == 0) => seen += 1,
            _ => return false,
        }
    }
    false
}

/// Places whose character would make a line something else than text.
fn line_escapes(flat: &[char], heading: bool) -> BTreeSet<usize> {
    let mut places = BTreeSet::new();
    let mut start = 0_usize;
    for line in flat.split(|c| *c == '\n') {
        if let Some(offset) = line_escape(line, start == 0).filter(|_| !heading) {
            places.insert(start.saturating_add(offset));
        }
        start = start.saturating_add(line.len()).saturating_add(1);
    }
    if heading && flat.last() == Some(&'#') {
        places.insert(flat.len().saturating_sub(1));
    }
    places
}

fn line_escape(line: &[char], first: bool) -> Option<usize> {
    let spaces = line.iter().take_while(|c| c.is_whitespace()).count();
    let line = line.get(spaces..)?;
    let begin = *line.first()?;
    let ends_marker = |at: usize| line.get(at).is_none_or(|c| c.is_whitespace());
    let run = line.iter().take_while(|c| **c == begin).count();
    let ruler = line.iter().all(|c| "-=*_|:+ ".contains(*c));
    let at = match begin {
        '#' if run <= 6 && ends_marker(run) => 0,
        '>' => 0,
        '-' | '+' | '*' if ends_marker(1) => 0,
        '~' if run >= 3 => 0,
        '[' if first && line.windows(2).any(|pair| pair == [']', ':']) => 0,
        _ if ruler => 0,
        '0'..='9' => {
            let digits = line.iter().take_while(|c| c.is_ascii_digit()).count();
            let delimiter = line.get(digits).is_some_and(|c| matches!(c, '.' | ')'));
            if digits > 9 || !delimiter || !ends_marker(digits.saturating_add(1)) {
                return None;
            }
            digits
        }
        _ => return None,
    };
    Some(spaces.saturating_add(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOLD: Style = Style { strong: true, ..PLAIN };
    const EM: Style = Style { em: true, ..PLAIN };
    const CODE: Style = Style { code: true, ..PLAIN };
    const LINK: Style = Style { link: 1, ..PLAIN };
    const PLAIN: Style =
        Style { strong: false, em: false, code: false, sup: false, del: false, math: Math::None, link: 0 };

    fn rendered(parts: &[(&str, Style)]) -> String {
        let mut block = Block::default();
        for (text, style) in parts {
            block.push_flow(text, *style);
        }
        block.finish();
        let targets = ["https://e.com/a_(b)".to_owned()];
        inline(&block, Place { targets: &targets, page: "https://e.com/", ..Place::default() })
    }

    #[test]
    fn only_what_would_become_markup_is_escaped() {
        assert_eq!(
            rendered(&[("snake_case 2 * 3 [1] a < b C:\\dir", PLAIN)]),
            "snake_case 2 * 3 [1] a < b C:\\dir"
        );
        assert_eq!(
            rendered(&[("*a* _b_ `c` <i> &amp; \\* [x](y)", PLAIN)]),
            "\\*a\\* \\_b\\_ \\`c\\` \\<i> \\&amp; \\\\\\* [x\\](y)"
        );
        // What stands beside these is no letter of the word, but the mark of another style.
        assert_eq!(rendered(&[("x", BOLD), ("_a_", PLAIN), ("b", BOLD)]), "**x**\\_a\\_**b**");
    }

    #[test]
    fn lines_that_look_like_blocks_are_escaped() {
        for (text, markdown) in [
            ("# a", "\\# a"),
            ("- a", "\\- a"),
            ("12. a", "12\\. a"),
            ("> a", "\\> a"),
            ("---", "\\---"),
            ("#tag", "#tag"),
            ("1.5 m", "1.5 m"),
        ] {
            assert_eq!(rendered(&[(text, PLAIN)]), markdown);
        }
    }

    #[test]
    fn styles_hug_their_words() {
        assert_eq!(rendered(&[("a", PLAIN), (" b ", BOLD), ("c", EM)]), "a **b** *c*");
        assert_eq!(rendered(&[("a", BOLD), ("b", EM)]), "**a**b");
        assert_eq!(rendered(&[("(x)", BOLD), ("y", PLAIN)]), "(x)y");
    }

    #[test]
    fn code_spans_and_links_carry_any_text() {
        assert_eq!(rendered(&[("a`b", CODE)]), "``a`b``");
        assert_eq!(rendered(&[("`", CODE)]), "`` ` ``");
        assert_eq!(
            rendered(&[("see", PLAIN), (" [b] ", LINK), ("now!", PLAIN), ("x", LINK)]),
            "see [\\[b\\]](<https://e.com/a_(b)>) now\\![x](<https://e.com/a_(b)>)"
        );
    }
}
