//! Reading a page: which passages matter, and whether what an analyst claims to have read there stands there.

mod passages;
mod quote;

pub use passages::Ranked;

use super::Claim;
use super::support::{Evidence, Lexicon, Statement, states_date, states_unit, states_value};
use crate::model::extractive::{detect, plain};
use crate::text::{one_line, term_set};
use quote::{Found, PageText};
use serde::{Deserialize, Serialize};
use std::cell::OnceCell;
use std::ops::Range;

/// Most claims of one page that are looked at; an analyst is asked for far fewer.
pub const CLAIMS_MAX: usize = 64;
/// Shortest quote in characters: less is found anywhere by chance.
pub const QUOTE_CHARS_MIN: usize = 8;
/// Longest quote in characters: four long sentences; more is copying, not quoting.
pub const QUOTE_CHARS_MAX: usize = 600;
/// Longest fact in characters: one sentence, and never more than two quotes' worth.
const FACT_CHARS_MAX: usize = 1_000;
/// Fewest content terms of a quote that is a fact by itself.
const RESTATED_TERMS_MIN: usize = 4;
/// Bytes before a quote in which a name that the quote only points at ("it", "the library") may stand: about 300 words.
const SURROUNDINGS_BYTES: usize = 2_000;
/// Bytes at the head of a page that name its subject: title and first sentence.
const HEAD_BYTES: usize = 300;

/// What is left of the claims about one page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Claims whose quotes stand in the page, in the order they came.
    pub claims: Vec<EvidencedClaim>,
    /// How many of `claims` had a quote that was put right with the page's own words.
    pub repaired: u32,
    /// How many were dropped: quote not in the page, or fact not borne out by its quote.
    pub dropped: u32,
}

/// A claim whose quote equals the stored text of its page at `start..end`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidencedClaim {
    /// The claim, quote put right.
    #[serde(flatten)]
    pub claim: Claim,
    /// Byte offset of the quote in the stored text.
    pub start: u32,
    /// Byte offset behind the quote.
    pub end: u32,
}

/// The stored text of a page, taken apart once for everything that is claimed about it.
pub struct Checked<'a> {
    page_text: &'a str,
    text: PageText<'a>,
    lexicon: OnceCell<Lexicon>,
}

impl<'a> Checked<'a> {
    /// Nothing is looked at before the first claim.
    #[must_use]
    pub fn of(page_text: &'a str) -> Self {
        Self { page_text, text: PageText::new(page_text), lexicon: OnceCell::new() }
    }

    /// Checks claims against the stored text of their page.
    ///
    /// A quote must stand there verbatim. If it does not, it is searched for with other spaces, quotes, dashes, markup and
    /// case, then by its longest run of words (at least 6, and 60 % of the quote), and replaced by the page's own words.
    /// A fact that its quote does not bear out gives way to the quote's own words where those are sentences about the same,
    /// and is dropped otherwise; so is a quote outside
    /// [`QUOTE_CHARS_MIN`]`..=`[`QUOTE_CHARS_MAX`] that cannot be shortened to whole sentences. A `value`, a `unit` or a `date`
    /// that the quote does not state so is taken off, and what it gives is put in its place. At most [`CLAIMS_MAX`] claims are kept; the others count as dropped.
    #[must_use]
    pub fn verify(&self, claims: Vec<Claim>) -> Verified {
        let mut verified = Verified::default();
        for (n, claim) in claims.into_iter().enumerate() {
            let found = if n < CLAIMS_MAX { self.text.find(&claim.quote) } else { None };
            match found.and_then(|found| self.keep(claim, found)) {
                Some((claim, repaired)) => {
                    verified.repaired += u32::from(repaired);
                    verified.claims.push(claim);
                }
                None => verified.dropped = verified.dropped.saturating_add(1),
            }
        }
        verified
    }

    /// The claim with the page's own words, and whether anything had to be put right; `None` when they do not bear it out.
    fn keep(&self, mut claim: Claim, found: Found) -> Option<(EvidencedClaim, bool)> {
        let Found { range, repaired } = found;
        claim.fact = one_line(&claim.fact);
        let is_quote = claim.fact == one_line(&plain(&claim.quote));
        self.page_text.get(range.clone())?.clone_into(&mut claim.quote);
        if is_quote {
            claim.fact = one_line(&plain(&claim.quote));
        }
        let evidence = self.evidence(&range)?;
        // Words bear themselves out; most claims are told in the words of their quotes.
        let said = (claim.fact == one_line(&claim.quote) && evidence.says_something())
            || self.bears_out(&evidence, &claim.fact);
        if !said {
            claim.fact = restated(&claim)?;
            self.bears_out(&evidence, &claim.fact).then_some(())?;
        }
        keep_figures_of_quote(&mut claim);
        claim.relevance = claim.relevance.min(100);
        let (start, end) = (u32::try_from(range.start).ok()?, u32::try_from(range.end).ok()?);
        Some((EvidencedClaim { claim, start, end }, repaired || !said))
    }

    fn bears_out(&self, evidence: &Evidence, fact: &str) -> bool {
        if fact.is_empty() || fact.chars().count() > FACT_CHARS_MAX {
            return false;
        }
        let lexicon = self.lexicon.get_or_init(|| Lexicon::of([self.page_text]));
        evidence.supports(&Statement::new(fact, lexicon))
    }

    fn evidence(&self, quote: &Range<usize>) -> Option<Evidence> {
        let text = self.page_text;
        let words = text.get(quote.clone())?;
        let from = floor(text, quote.start.saturating_sub(SURROUNDINGS_BYTES));
        let before = text.get(from..quote.start).unwrap_or_default();
        let head = text.get(..floor(text, HEAD_BYTES.min(from))).unwrap_or_default();
        Some(Evidence::new(words, &format!("{head}\n{before}")))
    }
}

/// The quote as a fact, if it is whole sentences that share enough with what was claimed to be about the same. Nothing
/// that points elsewhere is restated: it is there to be followed rather than to inform.
fn restated(claim: &Claim) -> Option<String> {
    let fact = one_line(&plain(&claim.quote));
    let (quoted, claimed) = (term_set(&fact), term_set(&claim.fact));
    let shared = quoted.intersection(&claimed).count();
    let whole = fact.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()) && fact.ends_with('.');
    let points = fact.contains("://") || fact.contains("www.") || claim.fact.contains("://");
    (whole && !points && quoted.len() >= RESTATED_TERMS_MIN && shared * 3 >= claimed.len() && shared > 1)
        .then_some(fact)
}

/// Takes off what the quote does not state so, and puts in its place what it gives.
fn keep_figures_of_quote(claim: &mut Claim) {
    let given = detect(&plain(&claim.quote));
    let stated = |value: &String| states_value(&claim.quote, value);
    let said = claim.value.take().filter(stated);
    if said.is_none() {
        claim.unit = None;
    }
    claim.value = said.or(given.value.clone().filter(stated));
    let value = claim.value.as_deref();
    let measured = |unit: &String| value.is_some_and(|v| states_unit(&claim.quote, v, unit));
    let unit_given = given.unit.filter(|_| claim.value == given.value);
    claim.unit = claim.unit.take().filter(measured).or(unit_given.filter(measured));
    let dated = |date: &String| states_date(&claim.quote, date);
    claim.date = claim.date.take().filter(dated).or(given.date.filter(dated));
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PAGE: &str = "# Tokio in depth\n\nTokio is an asynchronous runtime for Rust. It uses a **work-stealing** \
        scheduler with up to 512 blocking threads.\n\nThe scheduler is not fair across all tasks \u{2014} starvation \
        is \u{201c}possible\u{201d} under heavy load, as [the docs](https://tokio.rs/docs) say.\n";

    fn claim(fact: &str, quote: &str) -> Claim {
        Claim { fact: fact.into(), quote: quote.into(), sub_question: 1, ..Claim::default() }
    }

    fn check(fact: &str, quote: &str) -> Verified {
        let verified = Checked::of(PAGE).verify(vec![claim(fact, quote)]);
        for c in &verified.claims {
            assert_eq!(PAGE.get(c.start as usize..c.end as usize), Some(c.claim.quote.as_str()));
        }
        verified
    }

    #[test]
    fn a_verbatim_quote_is_kept_as_it_is() {
        let v = check("Tokio is a runtime for Rust.", "Tokio is an asynchronous runtime for Rust.");
        assert_eq!((v.claims.len(), v.repaired, v.dropped), (1, 0, 0));
    }

    #[test]
    fn a_quote_with_other_spaces_markup_case_or_dashes_is_repaired() {
        let v = check(
            "Tokio uses a work-stealing scheduler.",
            "it uses  a work-stealing\nscheduler with up to 512",
        );
        assert_eq!(v.repaired, 1);
        assert_eq!(v.claims[0].claim.quote, "It uses a **work-stealing** scheduler with up to 512");
        let v = check(
            "Starvation is possible under heavy load.",
            "tasks - starvation is \"possible\" under heavy load",
        );
        assert_eq!(
            v.claims[0].claim.quote,
            "tasks \u{2014} starvation is \u{201c}possible\u{201d} under heavy load"
        );
    }

    #[test]
    fn a_misquoted_sentence_becomes_the_pages_own_sentence() {
        let v = check(
            "Tokio has a work-stealing scheduler.",
            "Tokio has a work-stealing scheduler with up to 512 blocking threads",
        );
        assert_eq!(
            v.claims[0].claim.quote,
            "It uses a **work-stealing** scheduler with up to 512 blocking threads."
        );
    }

    #[test]
    fn a_fact_that_is_the_quote_is_the_pages_words_and_figures_come_from_them() {
        let page = "# Limits\n\nA call is given up after **300 seconds** by default.\n";
        let said = |value: Option<&str>| {
            let quote = "a call is given up after 300 seconds by default";
            let value = value.map(str::to_owned);
            let mut verified = Checked::of(page).verify(vec![Claim { value, ..claim(quote, quote) }]);
            let Claim { fact, value, unit, .. } = verified.claims.remove(0).claim;
            (fact, value, unit)
        };
        let whole = "A call is given up after 300 seconds by default";
        let given = (whole.to_owned(), Some("300".to_owned()), Some("seconds".to_owned()));
        assert_eq!(said(None), given);
        assert_eq!(said(Some("900")), given, "what the quote gives, not what was said");
    }

    #[test]
    fn an_invented_quote_is_dropped() {
        let v = check("Tokio was bought by Oracle.", "Tokio was bought by Oracle in a stock deal last year");
        assert_eq!((v.claims.len(), v.dropped), (0, 1));
    }

    #[test]
    fn a_fact_that_its_quote_contradicts_is_dropped() {
        let quote = "scheduler with up to 512 blocking threads";
        assert_eq!(check("Tokio's scheduler has up to 512 threads.", quote).dropped, 0);
        assert_eq!(check("Tokio's scheduler has up to 1024 threads.", quote).dropped, 1);
        assert_eq!(
            check("The scheduler is fair across tasks.", "The scheduler is not fair across all tasks")
                .dropped,
            1
        );
        assert_eq!(check("Glommio's scheduler has 512 blocking threads.", quote).dropped, 1);
    }

    #[test]
    fn a_sentence_that_was_quoted_for_a_wrong_fact_speaks_for_itself() {
        let quote = "Tokio is an asynchronous runtime for Rust.";
        let v = check("Tokio is a synchronous runtime for Rust, and the fastest.", quote);
        assert_eq!((v.claims[0].claim.fact.as_str(), v.repaired, v.dropped), (quote, 1, 0));
        assert_eq!(check("The figures are at https://evil.example/x for Tokio and Rust.", quote).dropped, 1);
        assert_eq!(check("Paris is the capital of the French republic.", quote).dropped, 1);
    }

    #[test]
    fn a_value_that_is_not_in_the_quote_is_taken_off() {
        let mut c =
            claim("Tokio has up to 512 blocking threads.", "scheduler with up to 512 blocking threads");
        c.value = Some("1024".into());
        c.date = Some("2031".into());
        let v = Checked::of(PAGE).verify(vec![c]);
        assert_eq!((v.claims[0].claim.value.as_deref(), v.claims[0].claim.date.as_deref()), (None, None));
    }

    #[test]
    fn a_value_a_unit_or_a_month_that_the_quote_does_not_give_makes_way_for_those_that_it_does() {
        let page = "In March 2021 a buffer could be up to 512 MB large.";
        let checked = |value: &str, unit: &str, date: &str| {
            let mut c = claim("A buffer could be up to 512 MB large.", page);
            (c.value, c.unit, c.date) = (Some(value.into()), Some(unit.into()), Some(date.into()));
            let Claim { value, unit, date, .. } = Checked::of(page).verify(vec![c]).claims[0].claim.clone();
            (value, unit, date)
        };
        let given = |date: &str| (Some("512".to_owned()), Some("MB".to_owned()), Some(date.to_owned()));
        assert_eq!(checked("512", "MB", "March 2021"), given("March 2021"));
        assert_eq!(checked("512", "GB", "April 2021"), given("March 2021"));
        assert_eq!(checked("512 GB", "MB", "2021-03"), given("2021-03"));
    }

    #[test]
    fn a_quote_too_short_or_too_long_is_not_kept() {
        assert_eq!(check("Tokio.", "Tokio").dropped, 1);
        let long = "word ".repeat(400);
        assert_eq!(Checked::of(&long).verify(vec![claim("word", &long)]).dropped, 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn whatever_is_claimed_a_kept_quote_stands_in_the_page(
            page in "[a-zA-Z0-9é世 .,*_\\[\\]()\n|…“—-]{0,300}",
            quote in "[a-zA-Z0-9é世 .,*…—-]{0,60}",
            from in 0usize..200, len in 0usize..200,
        ) {
            let inside: String = page.chars().skip(from).take(len).collect();
            for q in [quote.clone(), inside.clone(), inside.to_uppercase(), format!("{inside}…{quote}")] {
                let v = Checked::of(&page).verify(vec![claim(&inside, &q)]);
                for c in v.claims {
                    prop_assert_eq!(page.get(c.start as usize..c.end as usize), Some(c.claim.quote.as_str()));
                }
            }
        }
    }
}
