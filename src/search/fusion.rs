//! Several ranked lists become one: reciprocal rank fusion over canonical URLs, under domain rules.

use crate::order::{sort_by, sort_by_key};
use crate::search::Hit;
use crate::web::canonical::{canonical_url, domain_matches, host_key, site_of};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// The constant of reciprocal rank fusion: how little the first place counts above the second. Cormack et al. (2009) take 60
/// for lists that answer one query; these answer different parts of a question, and the first of a part's list must not
/// fall behind what all lists have in their middle.
const RANK_DAMPING: u64 = 8;
/// Score units of one list's undamped first place. Whole numbers, so that sums and order are the same everywhere.
const UNITS: u64 = 1_000_000;
/// Most candidates returned: 6 queries x 3 providers x 20 hits are 360.
const CANDIDATES_MAX: usize = 400;

/// Whose pages may be chosen. Rules are read as in [`domain_matches`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainRules {
    /// Only these; empty means any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Never these, even if included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
}

impl DomainRules {
    /// Whether pages of this URL's host may be chosen.
    #[must_use]
    pub fn allow(&self, url: &Url) -> bool {
        let host = host_key(url);
        let listed = |rules: &[String]| rules.iter().any(|rule| domain_matches(&host, rule));
        !listed(&self.exclude) && (self.include.is_empty() || listed(&self.include))
    }
}

/// A page that could be read next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// URL as the list that ranks it best gave it.
    pub url: String,
    /// Title from that list.
    pub title: String,
    /// The first snippet that is not empty, best rank first.
    pub snippet: String,
    /// Set when the text lies in the library and need not be fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// Fused score in millionths; higher is better.
    pub score: u64,
    /// How many lists name it.
    pub lists: u32,
}

/// A ranked list and how much it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Best first.
    pub hits: Vec<Hit>,
    /// In percent of a usual list.
    pub weight_percent: u64,
}

/// One ranking from many, best first, at most 400. A page counts once in each list, at its best place there.
///
/// Left out: what is not http(s), what `rules` forbid, and pages whose [`canonical_url`] is in `seen`. Each site fills
/// at most `per_site_max` places (at least one) before every other site has had its turn; its further pages follow behind,
/// in rounds of the same size. Documents of the library are not held back: whoever filled it chose its sites. Equal scores are ordered by best place, then by canonical URL.
#[must_use]
pub fn fuse(
    lists: &[List],
    rules: &DomainRules,
    seen: &BTreeSet<String>,
    per_site_max: usize,
) -> Vec<Candidate> {
    let mut merged = merge(lists, rules, seen);
    sort_by(&mut merged, |a, b| {
        (b.candidate.score, a.place, &a.key).cmp(&(a.candidate.score, b.place, &b.key))
    });
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let mut rounds: Vec<(usize, Candidate)> = Vec::with_capacity(merged.len());
    for entry in merged {
        if entry.candidate.document.is_some() {
            rounds.push((0, entry.candidate));
            continue;
        }
        let place = taken.entry(entry.site).or_insert(0);
        rounds.push((*place / per_site_max.max(1), entry.candidate));
        *place += 1;
    }
    // A stable sort: within a round the fused order stays.
    sort_by_key(&mut rounds, |(round, _)| *round);
    rounds.into_iter().map(|(_, candidate)| candidate).take(CANDIDATES_MAX).collect()
}

struct Entry {
    key: String,
    site: String,
    /// Best place in any list, from 0.
    place: u64,
    candidate: Candidate,
}

fn merge(lists: &[List], rules: &DomainRules, seen: &BTreeSet<String>) -> Vec<Entry> {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for list in lists {
        let mut counted = BTreeSet::new();
        for (place, hit) in (0_u64..).zip(&list.hits) {
            let Some(url) = Url::parse(&hit.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
            else {
                continue;
            };
            let key = canonical_url(&url);
            if seen.contains(&key) || !rules.allow(&url) || !counted.insert(key.clone()) {
                continue;
            }
            let score = UNITS / RANK_DAMPING.saturating_add(place).saturating_add(1);
            let score = score.saturating_mul(list.weight_percent) / 100;
            match entries.get_mut(&key) {
                Some(entry) => entry.add(hit, place, score),
                None => {
                    let entry = Entry::new(key.clone(), site_of(&url), hit, place, score);
                    entries.insert(key, entry);
                }
            }
        }
    }
    entries.into_values().collect()
}

impl Entry {
    fn new(key: String, site: String, hit: &Hit, place: u64, score: u64) -> Self {
        let Hit { url, title, snippet, document } = hit.clone();
        Self { key, site, place, candidate: Candidate { url, title, snippet, document, score, lists: 1 } }
    }

    fn add(&mut self, hit: &Hit, place: u64, score: u64) {
        let known = &mut self.candidate;
        known.score = known.score.saturating_add(score);
        known.lists = known.lists.saturating_add(1);
        if place < self.place {
            self.place = place;
            known.url.clone_from(&hit.url);
            known.title.clone_from(&hit.title);
            if !hit.snippet.is_empty() {
                known.snippet.clone_from(&hit.snippet);
            }
        } else if known.snippet.is_empty() {
            known.snippet.clone_from(&hit.snippet);
        }
        if known.document.is_none() {
            known.document.clone_from(&hit.document);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hit(url: &str) -> Hit {
        Hit { url: url.into(), title: format!("T {url}"), snippet: String::new(), document: None }
    }

    fn list(urls: &[&str]) -> Vec<Hit> {
        urls.iter().map(|url| hit(url)).collect()
    }

    fn order(candidates: &[Candidate]) -> Vec<&str> {
        candidates.iter().map(|candidate| candidate.url.as_str()).collect()
    }

    fn usual(lists: &[Vec<Hit>]) -> Vec<List> {
        lists.iter().map(|hits| List { hits: hits.clone(), weight_percent: 100 }).collect()
    }

    fn fused(lists: &[Vec<Hit>], per_site_max: usize) -> Vec<Candidate> {
        fuse(&usual(lists), &DomainRules::default(), &BTreeSet::new(), per_site_max)
    }

    #[test]
    fn agreement_of_lists_beats_a_single_first_place() {
        let lists =
            [list(&["https://a.com/", "https://b.com/"]), list(&["https://c.com/", "https://www.b.com/"])];
        let candidates = fused(&lists, 9);
        assert_eq!(order(&candidates), ["https://b.com/", "https://a.com/", "https://c.com/"]);
        let first = candidates.first().unwrap();
        assert_eq!((first.score, first.lists), (2 * (UNITS / (RANK_DAMPING + 2)), 2));
    }

    #[test]
    fn a_list_of_half_the_weight_comes_behind_the_whole_of_a_usual_one() {
        let mut lists = usual(&[list(&["https://a.com/"]), list(&["https://b.com/", "https://c.com/"])]);
        lists[0].weight_percent = 50;
        let candidates = fuse(&lists, &DomainRules::default(), &BTreeSet::new(), 9);
        assert_eq!(order(&candidates), ["https://b.com/", "https://c.com/", "https://a.com/"]);
    }

    #[test]
    fn one_list_cannot_vote_twice_for_a_page() {
        let lists = [list(&["https://a.com/", "http://a.com/?utm_source=x", "https://a.com/#y"])];
        let candidates = fused(&lists, 9);
        assert_eq!(candidates.len(), 1);
        assert_eq!(candidates[0].score, UNITS / (RANK_DAMPING + 1));
    }

    #[test]
    fn the_best_ranked_spelling_wins_and_gaps_are_filled_from_others() {
        let mut far = hit("http://a.com/");
        far.snippet = "words".into();
        far.document = Some("d1".into());
        let lists = [vec![hit("https://z.com/"), far], list(&["https://www.a.com/"])];
        let candidates = fused(&lists, 9);
        assert_eq!(candidates[0].url, "https://www.a.com/");
        assert_eq!(candidates[0].snippet, "words");
        assert_eq!(candidates[0].document.as_deref(), Some("d1"));
    }

    #[test]
    fn rules_and_seen_pages_are_obeyed() {
        let lists = [list(&[
            "https://docs.a.com/1",
            "https://docs.a.com/2",
            "https://bad.a.com/",
            "https://b.com/",
            "ftp://docs.a.com/",
            "nonsense",
        ])];
        let rules = DomainRules { include: vec!["a.com".into()], exclude: vec!["bad.a.com".into()] };
        let seen = BTreeSet::from(["docs.a.com/1".to_owned()]);
        assert_eq!(order(&fuse(&usual(&lists), &rules, &seen, 9)), ["https://docs.a.com/2"]);
    }

    #[test]
    fn a_site_beyond_its_cap_moves_behind_but_does_not_vanish() {
        let lists = [list(&[
            "https://a.com/1",
            "https://x.a.com/2",
            "https://a.com/3",
            "https://a.com/4",
            "https://b.com/1",
        ])];
        assert_eq!(
            order(&fused(&lists, 1)),
            ["https://a.com/1", "https://b.com/1", "https://x.a.com/2", "https://a.com/3", "https://a.com/4"]
        );
        assert_eq!(
            order(&fused(&lists, 2)),
            ["https://a.com/1", "https://x.a.com/2", "https://b.com/1", "https://a.com/3", "https://a.com/4"]
        );
        assert_eq!(fused(&lists, 0), fused(&lists, 1));
    }

    #[test]
    fn loopback_ports_are_sites_of_their_own() {
        let lists = [list(&["http://127.0.0.1:1/a", "http://127.0.0.1:1/b", "http://127.0.0.1:2/a"])];
        assert_eq!(
            order(&fused(&lists, 1)),
            ["http://127.0.0.1:1/a", "http://127.0.0.1:2/a", "http://127.0.0.1:1/b"]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn the_order_of_the_lists_does_not_matter(
            picks in prop::collection::vec(prop::collection::vec((0_u8..6, 0_u8..4), 0..12), 0..5), cap in 0_usize..4,
        ) {
            let lists: Vec<Vec<Hit>> = picks.iter()
                .map(|list| list.iter().map(|(host, page)| hit(&format!("https://h{host}.com/{page}"))).collect())
                .collect();
            let mut reversed = lists.clone();
            reversed.reverse();
            let fused_once = fused(&lists, cap);
            prop_assert_eq!(&fused_once, &fused(&reversed, cap));
            let keys: BTreeSet<_> = fused_once.iter().map(|c| c.url.clone()).collect();
            prop_assert_eq!(keys.len(), fused_once.len());
        }
    }
}
