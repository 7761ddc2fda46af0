//! The objects of a file, found by one look over its bytes.
//!
//! The cross-reference table is not read: it is the part that is most often wrong, a cut file lacks it, and what it says
//! stands in the objects themselves.

use super::filter;
use super::object::{Dict, Object, Parser, is_space};
use std::collections::BTreeMap;
use std::ops::Range;

/// A file whose objects are read on demand.
pub(crate) struct File {
    bytes: Vec<u8>,
    places: BTreeMap<u32, Place>,
    /// What the trailers say, the last word counting.
    pub(crate) trailer: Dict,
    /// Unpacked object streams.
    open: BTreeMap<u32, Vec<u8>>,
    work_left: usize,
}

/// A stream and what describes it.
pub(crate) struct Stream {
    pub(crate) dict: Dict,
    pub(crate) data: Vec<u8>,
}

/// Objects that are told apart. At 40 bytes each this is 8 MB; the largest manual seen (3,600 pages) has 78,000.
const OBJECTS_MAX: usize = 200_000;
/// An unpacked stream. The longest page of text seen has 0.4 MB; drawings are longer, and their text comes first or last.
/// While it grows, old and new copy are held: 8 MB.
const STREAM_BYTES_MAX: usize = 4_000_000;
/// Unpacked object streams that are kept open; one has some 20 KB.
const OPEN_BYTES_MAX: usize = 4_000_000;
/// Bytes that are parsed or unpacked for one document: 900 KB of text need 10 to 30 MB of content and fonts, and 100 MB take
/// about a second.
const WORK_BYTES_MAX: usize = 100_000_000;
/// References that lead to references.
const HOPS_MAX: usize = 8;

/// Where an object stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// In the file; the data behind it, if it is a stream.
    Body { at: usize, data: Option<Range<usize>> },
    /// In an object stream.
    Packed { container: u32, at: usize },
}

impl File {
    /// Looks the file over.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let scan = Scan::of(&bytes);
        let mut file = Self {
            bytes,
            places: scan.places,
            trailer: scan.trailer,
            open: BTreeMap::new(),
            work_left: WORK_BYTES_MAX,
        };
        for container in scan.containers {
            file.list(container);
        }
        file
    }

    /// Too much was asked of it: from now on every object is missing.
    pub(crate) fn exhausted(&self) -> bool {
        self.work_left == 0
    }

    /// Numbers of all objects, ascending.
    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.places.keys().copied().collect()
    }

    /// The object of this number; null when there is none.
    pub(crate) fn load(&mut self, number: u32) -> Object {
        let (object, used) = match self.places.get(&number).cloned() {
            Some(Place::Body { at, .. }) => {
                let mut parser = Parser::of_file(&self.bytes, at);
                let object = parser.next();
                (object, parser.at.saturating_sub(at))
            }
            Some(Place::Packed { container, at }) => {
                self.unpack(container);
                let Some(bytes) = self.open.get(&container) else { return Object::Null };
                let mut parser = Parser::of_file(bytes, at);
                let object = parser.next();
                (object, parser.at.saturating_sub(at))
            }
            None => return Object::Null,
        };
        // Even an empty object costs a look.
        if self.charge(used.saturating_add(16)) { object.unwrap_or_default() } else { Object::Null }
    }

    /// Follows references.
    pub(crate) fn resolve(&mut self, object: &Object) -> Object {
        let mut found = object.clone();
        for _ in 0..HOPS_MAX {
            match found {
                Object::Reference(number) => found = self.load(number),
                other => return other,
            }
        }
        Object::Null
    }

    /// The value of a key, references followed.
    pub(crate) fn get(&mut self, dict: &Dict, key: &str) -> Object {
        match dict.get(key.as_bytes()) {
            Some(value) => self.resolve(value),
            None => Object::Null,
        }
    }

    /// The dictionary at a key; that of a stream, if it is one.
    pub(crate) fn dict(&mut self, dict: &Dict, key: &str) -> Option<Dict> {
        match self.get(dict, key) {
            Object::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// The stream that `object` refers to, unpacked as far as the limits go.
    pub(crate) fn stream(&mut self, object: &Object) -> Option<Stream> {
        let Object::Reference(number) = object else { return None };
        let mut number = *number;
        for _ in 0..HOPS_MAX {
            let Some(Place::Body { data: Some(data), .. }) = self.places.get(&number).cloned() else {
                let Object::Reference(next) = self.load(number) else { return None };
                number = next;
                continue;
            };
            let Object::Dict(mut dict) = self.load(number) else { return None };
            for key in ["Filter", "DecodeParms"] {
                let value = match self.get(&dict, key) {
                    Object::Array(array) => {
                        Object::Array(array.iter().take(8).map(|item| self.resolve(item)).collect())
                    }
                    value => value,
                };
                dict.insert(key.as_bytes().to_vec(), value);
            }
            let packed = self.bytes.get(data)?;
            let data = filter::decode(packed, &dict, STREAM_BYTES_MAX.min(self.work_left))?;
            let used = packed.len().saturating_add(data.len());
            return self.charge(used).then_some(Stream { dict, data });
        }
        None
    }

    /// Counts work; `false` once there was too much.
    pub(crate) fn charge(&mut self, bytes: usize) -> bool {
        self.work_left = self.work_left.saturating_sub(bytes);
        self.work_left > 0
    }

    /// Notes the places of an object stream's objects (ISO 32000-1, 7.5.7). Where a number stands twice in a file, the last wins.
    fn list(&mut self, container: u32) {
        let Some(Place::Body { at: container_at, .. }) = self.places.get(&container).cloned() else { return };
        let Some(stream) = self.stream(&Object::Reference(container)) else { return };
        let count = |key: &str| stream.dict.get(key.as_bytes()).and_then(Object::count);
        let (Some(objects), Some(first)) = (count("N"), count("First")) else { return };
        let mut parser = Parser::of_content(stream.data.get(..first).unwrap_or(&stream.data));
        for _ in 0..objects.min(OBJECTS_MAX) {
            let number = parser.next().and_then(|object| object.count());
            let (Some(number), Some(offset)) = (number, parser.next().and_then(|object| object.count()))
            else {
                break;
            };
            let Ok(number) = u32::try_from(number) else { continue };
            let newer = match self.places.get(&number) {
                Some(Place::Body { at, .. }) => *at > container_at,
                _ => false,
            };
            if !newer && self.places.len() < OBJECTS_MAX {
                self.places.insert(number, Place::Packed { container, at: first.saturating_add(offset) });
            }
        }
    }

    fn unpack(&mut self, container: u32) {
        if self.open.contains_key(&container) {
            return;
        }
        let Some(stream) = self.stream(&Object::Reference(container)) else { return };
        let held: usize = self.open.values().map(Vec::len).sum();
        if held.saturating_add(stream.data.len()) > OPEN_BYTES_MAX {
            self.open.clear();
        }
        self.open.insert(container, stream.data);
    }
}

/// What one look over the bytes finds.
#[derive(Default)]
struct Scan {
    places: BTreeMap<u32, Place>,
    trailer: Dict,
    /// Object streams, in file order.
    containers: Vec<u32>,
}

impl Scan {
    /// Linear: every step goes on where the parser stopped.
    fn of(bytes: &[u8]) -> Self {
        let mut scan = Self::default();
        let mut at = 0_usize;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let Some(skip) = rest.iter().position(|b| matches!(b, b'o' | b't')) else { break };
            at = at.saturating_add(skip);
            let rest = bytes.get(at..).unwrap_or_default();
            if rest.starts_with(b"obj") {
                at = match number_before(bytes, at) {
                    Some(number) => scan.object(bytes, number, at.saturating_add(3)),
                    None => at.saturating_add(3),
                };
            } else if rest.starts_with(b"trailer") {
                let mut parser = Parser::of_file(bytes, at.saturating_add(7));
                if let Some(Object::Dict(dict)) = parser.next() {
                    scan.learn(&dict);
                }
                at = parser.at.max(at.saturating_add(7));
            } else {
                at = at.saturating_add(1);
            }
        }
        scan
    }

    /// Notes an object whose `obj` ends at `at`, and says where to go on.
    fn object(&mut self, bytes: &[u8], number: u32, at: usize) -> usize {
        let mut parser = Parser::of_file(bytes, at);
        let object = parser.next();
        let mut end = parser.at;
        let mut data = None;
        if let Some(Object::Dict(dict)) = &object {
            parser.skip_space();
            if parser.take(b"stream") {
                let _ = parser.take(b"\r\n") || parser.take(b"\n") || parser.take(b"\r");
                let start = parser.at;
                let stated = dict.get(b"Length".as_slice()).and_then(Object::count);
                let stop = stated
                    .map(|length| start.saturating_add(length))
                    .filter(|stop| ends_stream(bytes, *stop))
                    .unwrap_or_else(|| find(bytes, start, b"endstream"));
                data = Some(start..stop);
                end = stop;
            }
            let is = |name: &str| dict.get(b"Type".as_slice()).is_some_and(|kind| kind.is_name(name));
            if is("ObjStm") {
                self.containers.retain(|other| *other != number);
                self.containers.push(number);
            } else if is("XRef") {
                self.learn(dict);
            } else if is("Catalog") && !self.trailer.contains_key(b"Root".as_slice()) {
                self.trailer.insert(b"Root".to_vec(), Object::Reference(number));
            }
        }
        if self.places.len() < OBJECTS_MAX {
            self.places.insert(number, Place::Body { at, data });
        }
        end
    }

    fn learn(&mut self, dict: &Dict) {
        for key in ["Root", "Info", "Encrypt", "ID"] {
            if let Some(value) = dict.get(key.as_bytes()).filter(|value| **value != Object::Null) {
                self.trailer.insert(key.as_bytes().to_vec(), value.clone());
            }
        }
    }
}

/// The object number before `obj`, as in `12 0 obj`.
fn number_before(bytes: &[u8], at: usize) -> Option<u32> {
    /// Longest `4294967295 65535 ` with room for odd spacing.
    const LOOK_BACK_BYTES: usize = 24;
    let before = bytes.get(at.saturating_sub(LOOK_BACK_BYTES)..at)?;
    let generation = before.trim_ascii_end();
    let cut =
        |text: &[u8]| text.iter().rposition(|b| !b.is_ascii_digit()).map_or(0, |at| at.saturating_add(1));
    let number = generation.get(..cut(generation))?;
    if generation.len() == number.len() || !number.last().copied().is_some_and(is_space) {
        return None;
    }
    let number = number.trim_ascii_end();
    let digits = number.get(cut(number)..)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn ends_stream(bytes: &[u8], at: usize) -> bool {
    let tail = bytes.get(at..).unwrap_or_default();
    let tail = tail.get(..16).unwrap_or(tail);
    let mark = tail.iter().position(|b| !is_space(*b)).and_then(|at| tail.get(at..));
    mark.is_some_and(|mark| mark.starts_with(b"endstream") || mark.starts_with(b"endobj"))
}

/// Where `needle` stands at or behind `at`; the end of `bytes` when it does not.
fn find(bytes: &[u8], at: usize, needle: &[u8]) -> usize {
    let tail = bytes.get(at..).unwrap_or_default();
    tail.windows(needle.len())
        .position(|window| window == needle)
        .map_or(bytes.len(), |found| at.saturating_add(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> File {
        File::new(text.as_bytes().to_vec())
    }

    #[test]
    fn objects_are_found_without_a_table_and_the_last_of_a_number_counts() {
        let mut file = file(
            "%PDF-1.4\n1 0 obj 5 endobj\n12 0 obj\n<</A 1 0 R>>\nendobj 1 1 obj (new) endobj trailer <</Root 12 0 R>>",
        );
        assert_eq!(file.load(1), Object::Text(b"new".to_vec()));
        let root = file.trailer.clone();
        let root = file.dict(&root, "Root").unwrap_or_default();
        assert_eq!(file.get(&root, "A"), Object::Text(b"new".to_vec()));
        assert_eq!(file.load(99), Object::Null);
    }

    #[test]
    fn what_looks_like_an_object_within_a_stream_is_none() {
        for length in ["20", "9 0 R", "7"] {
            let mut file = file(&format!(
                "1 0 obj <</Length {length}>> stream\n 2 0 obj (no) endobj\nendstream endobj 3 0 obj 7 endobj"
            ));
            assert_eq!(file.load(2), Object::Null, "{length}");
            assert_eq!(file.load(3), Object::Number(7.0), "{length}");
            let data = file.stream(&Object::Reference(1)).map(|stream| stream.data).unwrap_or_default();
            assert!(data.starts_with(b" 2 0 obj (no)"), "{length}");
        }
    }

    #[test]
    fn objects_in_object_streams_are_read() {
        let packed = "5 0 6 4 (a) [5 0 R]";
        let mut file = file(&format!(
            "1 0 obj <</Type/ObjStm/N 2/First 8/Length {}>> stream\n{packed}\nendstream endobj",
            packed.len()
        ));
        let Object::Array(items) = file.load(6) else { return assert_eq!(file.load(6), Object::Null) };
        assert_eq!(items.first().map(|item| file.resolve(item)), Some(Object::Text(b"a".to_vec())));
    }

    #[test]
    fn references_in_a_circle_end() {
        let mut file = file("1 0 obj 2 0 R endobj 2 0 obj 1 0 R endobj");
        assert_eq!(file.resolve(&Object::Reference(1)), Object::Null);
    }
}
