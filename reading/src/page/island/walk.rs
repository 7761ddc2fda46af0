//! Ways through the shapes that data has: plain objects, trees of rich text, React's elements, lists of references.

use super::prose::{Prose, ROOT};
use crate::page::json::{DEPTH_MAX, Token, Walk};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// JSON that is a string within JSON is read this deep.
const NESTED_MAX: u32 = 2;
/// Shorter strings hold no JSON with prose in it.
const NESTED_BYTES_MIN: usize = 64;
/// Eight words of any language have more bytes.
const PROSE_BYTES_MIN: usize = 20;
/// Values of a list of references that are looked at.
const ITEMS_MAX: usize = 20_000;
/// Ids of a flight's rows are hexadecimal numbers of fewer digits.
const ROW_ID_BYTES: usize = 9;

/// Reads JSON, or JavaScript that assigns it.
pub(super) fn data(text: &str, prose: &mut Prose) {
    Reader { prose, open: Vec::new(), too_deep: 0, nested: 0 }.read(text);
}

/// Reads the rows of a React flight: `id:JSON` up to the end of the line, or `id:Tlength,text`.
pub(super) fn flight(text: &str, prose: &mut Prose) {
    let mut rest = text;
    while !rest.is_empty() {
        let head = rest.get(..ROW_ID_BYTES.min(rest.len())).unwrap_or_default();
        let row = head.find(':').and_then(|colon| rest.get(colon.saturating_add(1)..));
        let (line, next) = rest.split_once('\n').unwrap_or((rest, ""));
        let Some(row) = row else {
            rest = next;
            continue;
        };
        let long = row.strip_prefix('T').and_then(|row| {
            let (length, text) = row
                .get(..ROW_ID_BYTES.min(row.len()))?
                .split_once(',')
                .map(|(length, _)| length)
                .zip(row.split_once(',').map(|(_, text)| text))?;
            let length = usize::from_str_radix(length, 16).ok()?;
            text.split_at_checked(length.min(text.len()))
        });
        if let Some((text, after)) = long {
            if Prose::is_prose(text) {
                let container = prose.container(ROOT);
                prose.text(container, text);
            }
            rest = after;
        } else {
            if row.starts_with(['[', '{']) {
                data(line.split_once(':').map_or("", |(_, json)| json), prose);
            }
            rest = next;
        }
    }
}

/// Reads a list whose objects name the places of their values in it.
pub(super) fn devalue(text: &str, prose: &mut Prose) {
    let mut parents: BTreeMap<usize, (usize, Cow<'_, str>)> = BTreeMap::new();
    let mut texts: Vec<(usize, Cow<'_, str>)> = Vec::new();
    let (mut depth, mut place) = (0_usize, 0_usize);
    let mut key = Cow::Borrowed("");
    for token in Walk::new(text) {
        if place > ITEMS_MAX {
            break;
        }
        match token {
            Token::Object | Token::List => depth = depth.saturating_add(1),
            Token::End => {
                depth = depth.saturating_sub(1);
                place = place.saturating_add(usize::from(depth == 1));
            }
            Token::Key(name) => key = name,
            Token::Text(text) if depth == 1 => {
                texts.push((place, text));
                place = place.saturating_add(1);
            }
            Token::Bare(_) if depth == 1 => place = place.saturating_add(1),
            // Values stand behind what refers to them; a reference back would be a circle.
            Token::Bare(word) => {
                if let Some(child) = word.parse::<usize>().ok().filter(|child| *child > place) {
                    parents.entry(child).or_insert((place, std::mem::take(&mut key)));
                }
            }
            Token::Text(_) => {}
        }
    }
    let mut containers: BTreeMap<usize, Option<u32>> = BTreeMap::new();
    for (place, text) in texts {
        let Some((parent, key)) = parents.get(&place) else { continue };
        let Some(container) = container_of(*parent, &parents, &mut containers, prose) else { continue };
        offer(prose, container, key, &text);
    }
}

/// The container for the value at a place; `None` below a key whose values nobody reads.
fn container_of(
    place: usize,
    parents: &BTreeMap<usize, (usize, Cow<'_, str>)>,
    containers: &mut BTreeMap<usize, Option<u32>>,
    prose: &mut Prose,
) -> Option<u32> {
    let mut chain = Vec::new();
    let mut at = place;
    let mut found = Some(ROOT);
    while chain.len() < DEPTH_MAX {
        if let Some(known) = containers.get(&at) {
            found = *known;
            break;
        }
        chain.push(at);
        let Some((parent, _)) = parents.get(&at) else { break };
        at = *parent;
    }
    for at in chain.into_iter().rev() {
        let unread = parents.get(&at).is_some_and(|(_, key)| is_unread(key));
        found = found.filter(|_| !unread).map(|parent| prose.container(parent));
        containers.insert(at, found);
    }
    found
}

/// An object or list that has not ended yet.
struct Open<'a> {
    /// Its place among the containers of prose, once it has any.
    container: Option<u32>,
    /// What it is called within its object.
    key: Cow<'a, str>,
    is_list: bool,
    kind: Kind,
    /// `["$", tag, key, props]`
    is_element: bool,
    /// Values that came before.
    values: usize,
    /// Text of the lines that it is made of.
    line: String,
    unread: bool,
}

/// What a node of rich text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Unsaid,
    Line,
    Heading(u8),
    Inline,
}

struct Reader<'a, 'p> {
    prose: &'p mut Prose,
    open: Vec<Open<'a>>,
    too_deep: usize,
    nested: u32,
}

impl<'a> Reader<'a, '_> {
    fn read(mut self, text: &'a str) {
        let mut key = Cow::Borrowed("");
        for token in Walk::new(text) {
            match token {
                Token::Key(name) => key = name,
                Token::Object | Token::List => {
                    let is_list = token == Token::List;
                    self.start(std::mem::take(&mut key), is_list);
                }
                Token::End => self.end(),
                Token::Text(text) => self.text(&std::mem::take(&mut key), &text),
                Token::Bare(word) => self.bare(&std::mem::take(&mut key), word),
            }
        }
        while !self.open.is_empty() {
            self.end();
        }
    }

    fn start(&mut self, key: Cow<'a, str>, is_list: bool) {
        if self.open.len() >= DEPTH_MAX {
            self.too_deep = self.too_deep.saturating_add(1);
            return;
        }
        if let Some(parent) = self.open.last_mut() {
            parent.values = parent.values.saturating_add(1);
        }
        let unread = self.open.last().is_some_and(|parent| parent.unread) || is_unread(&key);
        self.open.push(Open {
            container: None,
            key,
            is_list,
            kind: Kind::default(),
            is_element: false,
            values: 0,
            line: String::new(),
            unread,
        });
    }

    fn end(&mut self) {
        if self.too_deep > 0 {
            self.too_deep = self.too_deep.saturating_sub(1);
            return;
        }
        let Some(closed) = self.open.last_mut() else { return };
        let line = std::mem::take(&mut closed.line);
        let (kind, is_element) = (closed.kind, closed.is_element);
        if !line.is_empty() {
            let owner = if kind == Kind::Inline {
                self.owner(self.open.len().saturating_sub(1), is_element)
            } else {
                None
            };
            match owner.and_then(|owner| self.open.get_mut(owner)) {
                Some(owner) => owner.line.push_str(&line),
                None => {
                    let container = self.tree();
                    self.prose.line(
                        container,
                        if let Kind::Heading(level) = kind { level } else { 0 },
                        &line,
                    );
                }
            }
        }
        self.open.pop();
    }

    /// The node that the text of the node at `place` belongs to, if that is a part of a line.
    fn owner(&self, place: usize, is_element: bool) -> Option<usize> {
        if is_element {
            return self.open.get(..place)?.iter().rposition(|open| open.is_element);
        }
        let list = place.checked_sub(1)?;
        self.open.get(list).filter(|list| list.is_list && is_line(&list.key))?;
        list.checked_sub(1)
    }

    fn text(&mut self, key: &str, text: &str) {
        let Some(place) = self.open.len().checked_sub(1).filter(|_| self.too_deep == 0) else { return };
        let Some(top) = self.open.get_mut(place) else { return };
        let nth = top.values;
        top.values = nth.saturating_add(1);
        if top.unread {
            return;
        }
        if top.is_list && nth == 0 && text == "$" {
            top.is_element = true;
            return;
        }
        if top.is_element && nth == 1 {
            top.kind = kind_of(text).unwrap_or(Kind::Line);
            return;
        }
        if !top.is_list && matches!(key, "type" | "_type" | "nodeType" | "tag" | "tagName" | "style") {
            if let Some(kind) = kind_of(text).filter(|_| key != "style" || text != "normal") {
                top.kind = kind;
            }
            return;
        }
        let in_element = (!top.is_list && key == "children") || (top.is_list && top.key == "children");
        let element = if in_element { self.open.iter().rposition(|open| open.is_element) } else { None };
        let node = if matches!(key, "text" | "value") && !self.open.get(place).is_some_and(|top| top.is_list)
        {
            self.owner(place, false)
        } else {
            None
        };
        if let Some(owner) = element.or(node).and_then(|owner| self.open.get_mut(owner)) {
            if !text.starts_with('$') {
                owner.line.push_str(text);
            }
            return;
        }
        // Draft.js and Editor.js: a block, or the data of one, holds its line itself.
        if key == "text" && self.is_block(place) {
            if let Some(block) = self.open.get_mut(place) {
                block.line.push_str(text);
            }
            return;
        }
        if text.len() >= NESTED_BYTES_MIN && text.starts_with(['{', '[']) && text.contains('"') {
            if self.nested < NESTED_MAX {
                Reader {
                    prose: self.prose,
                    open: Vec::new(),
                    too_deep: 0,
                    nested: self.nested.saturating_add(1),
                }
                .read(text);
            }
            return;
        }
        if is_title(key) || (text.len() >= PROSE_BYTES_MIN && !is_unread(key) && Prose::is_prose(text)) {
            let container = self.container();
            match is_title(key) {
                true => self.prose.label(container, text),
                false => self.prose.text(container, text),
            }
        }
    }

    /// Whether the object at a place is an item of a list of blocks, or the data of one. Takes its kind over then.
    fn is_block(&mut self, place: usize) -> bool {
        let of_blocks =
            |at: usize| self.open.get(at).is_some_and(|list| list.is_list && list.key == "blocks");
        let Some(above) = place.checked_sub(1) else { return false };
        if of_blocks(above) {
            return true;
        }
        let is_data = self.open.get(place).is_some_and(|data| data.key == "data")
            && above.checked_sub(1).is_some_and(of_blocks);
        let kind = self.open.get(above).map(|block| block.kind);
        if let (true, Some(kind), Some(data)) = (is_data, kind, self.open.get_mut(place))
            && data.kind == Kind::Unsaid
        {
            data.kind = kind;
        }
        is_data
    }

    fn bare(&mut self, key: &str, word: &str) {
        let above = self.open.len().checked_sub(2);
        let Some(top) = self.open.last_mut() else { return };
        top.values = top.values.saturating_add(1);
        let Some(level) = word.parse::<u8>().ok().filter(|level| key == "level" && (1..=6).contains(level))
        else {
            return;
        };
        if matches!(top.kind, Kind::Heading(_)) {
            top.kind = Kind::Heading(level);
        } else if top.key == "attrs"
            && let Some(node) = above.and_then(|above| self.open.get_mut(above))
            && matches!(node.kind, Kind::Heading(_))
        {
            node.kind = Kind::Heading(level);
        }
    }

    /// The container of all lines of a tree: one paragraph must not stand for the whole text.
    fn tree(&mut self) -> u32 {
        let is_tree = |open: &Open<'_>| {
            open.is_element || (open.is_list && (is_line(&open.key) || open.key == "blocks"))
        };
        // The list of a line's parts has ended by now.
        let outermost = self.open.iter().position(is_tree).unwrap_or(self.open.len());
        let (node, list) = (outermost.saturating_sub(1), outermost.saturating_sub(2));
        let place = if self.open.get(list).is_some_and(|open| open.is_list) { list } else { node };
        self.container_of(place.saturating_add(1))
    }

    /// The container of what is open now, and of all around it.
    fn container(&mut self) -> u32 {
        self.container_of(self.open.len())
    }

    /// The container of the outermost so many that are open.
    fn container_of(&mut self, count: usize) -> u32 {
        let mut parent = ROOT;
        for open in self.open.iter_mut().take(count) {
            let container = open.container.unwrap_or_else(|| self.prose.container(parent));
            open.container = Some(container);
            parent = container;
        }
        parent
    }
}

fn offer(prose: &mut Prose, container: u32, key: &str, text: &str) {
    if is_title(key) {
        prose.label(container, text);
    } else if !is_unread(key) && Prose::is_prose(text) {
        prose.text(container, text);
    }
}

/// A list whose items are the parts of a line or of a text.
fn is_line(key: &str) -> bool {
    matches!(key, "children" | "content" | "nodes" | "leaves" | "spans" | "inlines" | "runs")
}

fn is_title(key: &str) -> bool {
    matches!(key, "title" | "headline" | "heading" | "name" | "question" | "subtitle" | "displayTitle")
}

/// Names of what is not for readers, or not about this page.
fn is_unread(key: &str) -> bool {
    const WHOLE: &str = "env config settings runtimeconfig publicruntimeconfig query params headers schema seo meta metatags head nav menu \
        footer header theme css style styles classname scripts script analytics gtm features flags experiments i18n intl locale locales \
        translations translation messages dictionary strings labels localization nexti18next cookie cookies consent gdpr privacy legal \
        terms login auth user session newsletter related relatedposts relatedarticles relatedproducts recommended recommendations \
        recentposts latestposts popular trending sidebar banner popup modal ads advertising navigation breadcrumbs social jsonld \
        schemaorg opengraph twitter alt alttext caption placeholder error errors tooltip ogdescription metadescription \
        seodescription metatitle seotitle ogtitle svg icon path url href src";
    if !(2..=KEY_BYTES_MAX).contains(&key.len()) {
        return false;
    }
    let lower: String =
        key.chars().filter(|c| *c != '-' && *c != '_').map(|c| c.to_ascii_lowercase()).collect();
    WHOLE.split_whitespace().any(|name| name == lower)
}

/// No name of a field that is looked up is longer.
const KEY_BYTES_MAX: usize = 26;

/// What rich text editors and HTML call their nodes.
fn kind_of(name: &str) -> Option<Kind> {
    const INLINE: &str = "a link hyperlink entry-hyperlink asset-hyperlink strong b em i u s code span mention small sup sub mark abbr time \
        inline bold italic text underline";
    const LINES: &str = "p paragraph div li list-item listitem list_item blockquote quote td th unstyled section dt dd article block \
        unordered-list-item ordered-list-item list-item-child";
    let name = name.trim().to_ascii_lowercase();
    let level = name
        .strip_prefix("heading-")
        .or_else(|| name.strip_prefix("header-"))
        .or_else(|| name.strip_prefix('h'));
    let level = level.and_then(|level| match level {
        "1" | "one" => Some(1),
        "2" | "two" => Some(2),
        "3" | "three" => Some(3),
        "4" | "four" => Some(4),
        "5" | "five" => Some(5),
        "6" | "six" => Some(6),
        _ => None,
    });
    if let Some(level) = level {
        Some(Kind::Heading(level))
    } else if matches!(name.as_str(), "heading" | "header") {
        Some(Kind::Heading(2))
    } else if INLINE.split_whitespace().any(|known| known == name) {
        Some(Kind::Inline)
    } else if LINES.split_whitespace().any(|known| known == name) {
        Some(Kind::Line)
    } else {
        None
    }
}
