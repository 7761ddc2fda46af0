//! The pages of a document, with what they inherit (ISO 32000-1, 7.7.3).

use super::PAGES_MAX;
use super::file::File;
use super::object::{Dict, Object};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The pages that are read.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) pages: Vec<PageNode>,
    /// There are more.
    pub(crate) cut: bool,
}

/// A page, not yet loaded.
#[derive(Clone, Default)]
pub(crate) struct PageNode {
    number: u32,
    inherited: Inherited,
}

/// What a page takes from the nodes above it, unless it has its own.
#[derive(Clone, Default)]
struct Inherited {
    resources: Rc<Object>,
    region: Rc<Object>,
    turned: u8,
}

/// Nodes of the tree that are looked at: pages and, at worst, one node above each.
const NODES_MAX: usize = 2 * PAGES_MAX;
/// Links of one page that are looked at.
const NOTES_MAX: usize = 200;

/// The first pages in order; where the tree is broken, all page objects by their numbers.
pub(crate) fn pages(file: &mut File, root: &Dict) -> Tree {
    let mut tree = Tree::default();
    let mut seen = BTreeSet::new();
    let mut waiting = Vec::new();
    if let Some(Object::Reference(number)) = root.get(b"Pages".as_slice()) {
        waiting.push((*number, Inherited::default()));
    }
    while let Some((number, inherited)) = waiting.pop() {
        if tree.pages.len() >= PAGES_MAX || seen.len() >= NODES_MAX {
            tree.cut = true;
            break;
        }
        if !seen.insert(number) {
            continue;
        }
        let Object::Dict(node) = file.load(number) else { continue };
        let Object::Array(kids) = file.get(&node, "Kids") else {
            tree.pages.push(PageNode { number, inherited });
            continue;
        };
        let inherited = inherited.with(file, &node);
        let kids = kids.iter().take(NODES_MAX.saturating_add(1)).rev();
        waiting.extend(kids.filter_map(|kid| match kid {
            Object::Reference(number) => Some((*number, inherited.clone())),
            _ => None,
        }));
        // Kids of a crafted tree are many, and each may have as many.
        waiting.drain(..waiting.len().saturating_sub(4 * NODES_MAX));
    }
    if tree.pages.is_empty() {
        for number in file.numbers() {
            if tree.pages.len() >= PAGES_MAX || file.exhausted() {
                tree.cut = true;
                break;
            }
            let object = file.load(number);
            let is_page = |dict: &Dict| dict.get(b"Type".as_slice()).is_some_and(|kind| kind.is_name("Page"));
            if object.dict().is_some_and(is_page) {
                tree.pages.push(PageNode { number, inherited: Inherited::default() });
            }
        }
    }
    tree
}

/// A loaded page.
pub(crate) struct Leaf {
    pub(crate) dict: Dict,
    pub(crate) resources: Dict,
    /// Quarter turns clockwise.
    pub(crate) turned: u8,
    /// What of it is shown: two opposite corners.
    pub(crate) region: Option<[f64; 4]>,
}

impl PageNode {
    pub(crate) fn load(&self, file: &mut File) -> Leaf {
        let dict = file.load(self.number).dict().cloned().unwrap_or_default();
        let own = self.inherited.with(file, &dict);
        let resources = file.resolve(&own.resources).dict().cloned().unwrap_or_default();
        let region = match file.resolve(&own.region) {
            Object::Array(corners) => {
                let corners: Vec<f64> = corners.iter().take(4).filter_map(Object::number).collect();
                corners.try_into().ok()
            }
            _ => None,
        };
        Leaf { dict, resources, turned: own.turned, region }
    }
}

impl Inherited {
    fn with(&self, file: &mut File, node: &Dict) -> Self {
        let mut own = self.clone();
        if let Some(resources) = node.get(b"Resources".as_slice()) {
            own.resources = Rc::new(resources.clone());
        }
        if let Some(region) = node.get(b"CropBox".as_slice()).or_else(|| node.get(b"MediaBox".as_slice())) {
            own.region = Rc::new(region.clone());
        }
        if let Some(degrees) = file.get(node, "Rotate").number() {
            // Within 0 to 3 by the remainder.
            own.turned = (degrees / 90.0).rem_euclid(4.0) as u8;
        }
        own
    }
}

/// Adds the addresses that a page links to.
pub(crate) fn links(file: &mut File, page: &PageNode, links: &mut Vec<String>, links_max: usize) {
    let Object::Dict(dict) = file.load(page.number) else { return };
    let notes = file.get(&dict, "Annots");
    for note in notes.array().unwrap_or_default().iter().take(NOTES_MAX) {
        let Object::Dict(note) = file.resolve(note) else { continue };
        let Some(action) = file.dict(&note, "A") else { continue };
        let Object::Text(address) = file.get(&action, "URI") else { continue };
        let url = std::str::from_utf8(&address).ok().and_then(|address| url::Url::parse(address).ok());
        let Some(mut url) = url.filter(|url| matches!(url.scheme(), "http" | "https")) else { continue };
        url.set_fragment(None);
        let address = String::from(url);
        if links.len() < links_max && !links.contains(&address) {
            links.push(address);
        }
    }
}
