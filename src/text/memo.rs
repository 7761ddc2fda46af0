//! What words stand for, remembered: texts repeat most of their words, and stemming one costs ten times what finding it does.

/// Words and what was found for each, the latest in each place.
pub(super) struct Memo(Vec<Option<Known>>);

struct Known {
    word: Box<str>,
    found: Option<Box<str>>,
}

/// Words remembered. The pages of a report hold some 8,000 different ones; with 40 bytes for the two texts and as many
/// around them a memo takes at most 1 MB.
const PLACES: usize = 1 << 13;
/// Longer words come once.
const WORD_BYTES_MAX: usize = 32;

impl Memo {
    /// Takes no memory before the first word.
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// What `find` says of the word, which must say the same each time.
    pub(super) fn look_up(
        &mut self,
        word: &str,
        find: impl FnOnce(&str) -> Option<String>,
    ) -> Option<String> {
        if word.len() > WORD_BYTES_MAX {
            return find(word);
        }
        if self.0.is_empty() {
            self.0.resize_with(PLACES, || None);
        }
        let Some(slot) = self.0.get_mut(place(word)) else { return find(word) };
        if let Some(known) = slot
            && &*known.word == word
        {
            return known.found.as_deref().map(str::to_owned);
        }
        let found = find(word);
        *slot = Some(Known { word: word.into(), found: found.as_deref().map(Into::into) });
        found
    }
}

/// FNV-1a, its halves folded.
fn place(word: &str) -> usize {
    let mix = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let hash = word.bytes().fold(0x811c_9dc5, mix);
    (hash ^ (hash >> 15)) as usize % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_gives_the_same_however_many_came_between() {
        let mut memo = Memo::new();
        let words: Vec<String> = (0..40_000).map(|n| format!("running{n}")).collect();
        let half = |word: &str| word.ends_with('7').then(|| word.to_uppercase());
        for word in words.iter().take(2).chain(&words).chain(words.iter().rev().take(2)) {
            assert_eq!(memo.look_up(word, half), half(word));
        }
        assert_eq!(memo.look_up("running39999", |_| Some("asked again".into())), None);
        assert_eq!(memo.0.len(), PLACES);
    }
}
