//! Picks the sentences of a page that answer the sub-questions, and none from a page that does not.

use super::kind;
use super::rank::{Asked, PageTerms};
use super::sentences::{Sentence, plain, sentences, word_count};
use super::snippet::{Snippet, widened};
use super::terms::Lexicon;
use super::values::{self, Scored};
use crate::model::AnalyzeTask;
use crate::research::Claim;
use crate::text::clip;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer words say too little to be a finding.
const WORDS_MIN: usize = 6;
/// Fewer words in a table row are a stray cell.
const ROW_WORDS_MIN: usize = 3;
/// A sentence that leans on the one before is taken with it up to this many words.
const PAIR_WORDS_MAX: usize = 90;
/// Most sentences taken along with one that leans on them.
const CONTEXT_MAX: usize = 2;
/// More words in one sentence are a list or an extraction fault.
pub(super) const WORDS_MAX: usize = 75;
/// A sentence this short leans on the one before it.
const SHORT_WORDS: usize = 9;
/// A sentence this long says enough even where what it leans on cannot be quoted with it.
const LONG_WORDS: usize = 14;
/// Sentences with more link text are navigation.
pub(super) const LINKED_PERCENT_MAX: usize = 60;
/// Longest fact, in characters: two sentences of 30 long words.
const FACT_CHARS_MAX: usize = 600;
/// Two statements that share more of their words say the same.
const SIMILAR_MAX: f64 = 0.6;
/// What likeness to a chosen statement costs.
const SIMILAR_COST: f64 = 0.25;
/// What a statement costs for each one already chosen for the same sub-question.
const CROWD_COST: f64 = 0.015;
/// How much the whole question counts for a part of it.
const WHOLE_SHARE: f64 = 0.4;
/// From this share of a statement's score on, its neighbour is kept for the part that it answers itself.
const RIVAL_SHARE: f64 = 0.8;
/// Statements far behind the page's best for the same sub-question are noise.
const SHARE_OF_BEST_MIN: f64 = 0.45;

/// Words that point back when they begin a sentence.
const LEANING: &[&str] = &[
    "this",
    "it",
    "its",
    "they",
    "these",
    "those",
    "that",
    "he",
    "she",
    "such",
    "both",
    "here",
    "otherwise",
    "instead",
    "therefore",
    "thus",
    "hence",
    "consequently",
    "similarly",
    "likewise",
    "conversely",
    "then",
    "so",
    "but",
    "and",
    "or",
    "however",
    "nevertheless",
    "nor",
    "yet",
    "their",
    "them",
    "also",
    "additionally",
    "moreover",
    "furthermore",
    "again",
    "which",
    "neither",
    "either",
    "the latter",
    "the former",
    "the default",
    "in the default",
    "the value",
    "by default",
    "the maximum",
    "the minimum",
    "the result",
    "the same",
    "in this case",
    "in that case",
    "in these cases",
    "in addition",
    "in other words",
    "as a result",
    "for this reason",
    "for example",
    "for instance",
    "the other",
    "another",
];

/// Beginnings of sentences that talk about the page or to the reader rather than about the matter.
const TALK: &[&str] = &[
    "click",
    "see ",
    "see also",
    "read more",
    "listing ",
    "figure ",
    "table ",
    "chapter ",
    "let's",
    "let us",
    "we'll",
    "as we",
    "now,",
    "now that",
    "now let",
    "next,",
    "next we",
    "you'll",
    "try ",
    "sign up",
    "subscribe",
    "log in",
    "share ",
    "copyright",
    "©",
    "filename:",
    "note:",
    "warning:",
    "skip to",
    "if you're",
    "we've",
    "recall ",
    "remember ",
    "imagine ",
    "to continue",
    "in fact,",
    "we discussed",
    "we will",
    "we saw",
    "the code in",
    "the above",
    "the following",
    "below ",
    "above ",
    "how to ",
    "what ",
    "why ",
    "again,",
    "luckily",
    "fortunately",
    "unfortunately",
    "back in",
    "first,",
    "second,",
    "third,",
    "finally,",
    "right now,",
    "(",
];

/// Phrases that place a sentence in a document it then stands without.
const PLACED: &[&str] = &[
    "this chapter",
    "next chapter",
    "previous chapter",
    "last chapter",
    "this section",
    "next section",
    "previous section",
    "let's ",
    "we've seen",
    "in chapter ",
    "in listing ",
    "from listing ",
    "see listing ",
    "in figure ",
    "in table ",
    "this tutorial",
    "this article",
    "this page",
    "see below",
    "described below",
    "described above",
    "shown above",
    "shown below",
    "as shown in",
    "discussed in",
];

/// A statement that may become a claim: the sentences from `first` to `last`.
struct Candidate {
    first: usize,
    last: usize,
    keys: BTreeSet<String>,
    sub_question: usize,
    score: f64,
}

/// A candidate with what belongs to it.
struct Chosen {
    snippet: Snippet,
    keys: BTreeSet<String>,
    sub_question: usize,
    score: f64,
}

/// What candidates are chosen from.
struct Material<'a> {
    sentences: &'a [Sentence],
    passages: &'a [String],
    lexicon: &'a Lexicon,
}

/// Claims whose quotes are exact substrings of the passages, best first. Empty when the page does not treat what is asked.
pub(super) fn analyze(task: &AnalyzeTask) -> Vec<Claim> {
    let lexicon = Lexicon::of(&format!("{} {}", task.question, task.sub_questions.join(" ")));
    let sentences = sentences(&task.passages);
    let page = PageTerms::new(
        &sentences,
        &format!("{} {}", task.title, task.published.as_deref().unwrap_or_default()),
        &task.url,
        &lexicon,
    );
    if !page.treats(&task.question, &lexicon) {
        return Vec::new();
    }
    let asked: Vec<Option<Asked>> =
        task.sub_questions.iter().map(|q| Asked::new(q, &page, &lexicon)).collect();
    // A part torn from its question ("when did it come out?") would find something anywhere.
    let whole = (task.sub_questions.len() > 1).then(|| Asked::whole(&task.question, &page, &lexicon));
    let mut scored: Vec<Scored> = (0..sentences.len())
        .flat_map(|place| {
            statements(&sentences, place).into_iter().map(move |(first, text)| (place, first, text))
        })
        .map(|(place, first, text)| {
            let range = first..place + 1;
            let answers = asked.iter().enumerate().filter_map(|(at, asked)| {
                Some((at, asked.as_ref()?.score(&page, &sentences, range.clone(), &text)?))
            });
            let answer = answers.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
            let answer = answer.map(|(at, score)| {
                let of_whole = |whole: &Asked| whole.score(&page, &sentences, range, &text).unwrap_or(0.0);
                let mixed = |whole| score * (1.0 - WHOLE_SHARE) + of_whole(whole) * WHOLE_SHARE;
                (at, whole.as_ref().map_or(score, mixed))
            });
            Scored { first, place, text, answer }
        })
        .collect();
    values::beside_answers(&mut scored, &sentences, &asked);
    let candidates = scored.into_iter().filter_map(|statement| {
        let (sub_question, score) = statement.answer?;
        let keys = lexicon.content(&statement.text);
        Some(Candidate { first: statement.first, last: statement.place, keys, sub_question, score })
    });
    let material = Material { sentences: &sentences, passages: &task.passages, lexicon: &lexicon };
    let chosen = choose(candidates.collect(), task.claims_max, &material);
    chosen.into_iter().filter_map(|chosen| claim(&chosen, task)).collect()
}

/// The statements that end with the sentence at `place`, each with the place where it begins: the sentence alone, and
/// with the one before it when it leans on that one or gives a figure for it.
fn statements(sentences: &[Sentence], place: usize) -> Vec<(usize, String)> {
    let Some(own) = sentences.get(place) else { return Vec::new() };
    if own.linked_percent > LINKED_PERCENT_MAX
        || own.text.ends_with(['?', ':'])
        || own.text.matches('|').count() > 1
    {
        return Vec::new();
    }
    let words = word_count(&own.text);
    if own.row {
        let fits = (ROW_WORDS_MIN..=PAIR_WORDS_MAX).contains(&words);
        return if fits { vec![(place, own.text.clone())] } else { Vec::new() };
    }
    if is_talk(&own.text) || words > WORDS_MAX || !mostly_words(&own.text) {
        return Vec::new();
    }
    let leans = begins_with(&own.text, LEANING);
    let figure = own.text.chars().any(|c| c.is_ascii_digit());
    let mut statements = Vec::new();
    if leans || figure || words < SHORT_WORDS {
        statements.extend(with_context(sentences, place, figure));
    }
    let stands = !leans || (statements.is_empty() && words >= LONG_WORDS);
    if stands && words >= WORDS_MIN && (words >= SHORT_WORDS || statements.is_empty()) {
        statements.push((place, own.text.clone()));
    }
    statements
}

/// The sentence at `place` with the one or two before it in its block that it leans on.
fn with_context(sentences: &[Sentence], place: usize, figure: bool) -> Option<(usize, String)> {
    let own = sentences.get(place)?;
    let mut text = own.text.clone();
    let mut first = place;
    while place - first < CONTEXT_MAX {
        let before = first
            .checked_sub(1)
            .and_then(|at| sentences.get(at))
            .filter(|s| s.block == own.block && s.passage == own.passage);
        let Some(before) = before else { break };
        let usable = !before.text.ends_with(['?', ':']) && !is_talk(&before.text);
        if !usable || word_count(&before.text) + word_count(&text) > PAIR_WORDS_MAX {
            return None;
        }
        text = format!("{} {text}", before.text);
        first -= 1;
        if !begins_with(&before.text, LEANING) {
            return Some((first, text));
        }
    }
    // What a figure's paragraph opens with points at its heading, and says enough with it.
    let opens = first
        .checked_sub(1)
        .and_then(|at| sentences.get(at))
        .is_none_or(|s| s.block != own.block || s.passage != own.passage);
    (figure && opens && first < place).then_some((first, text))
}

/// The sentence guides the reader instead of stating something.
pub(super) fn is_talk(text: &str) -> bool {
    let lower = text.to_lowercase().replace('\u{2019}', "'");
    let numbered =
        |word: &str| lower.split(word).skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    begins_with(text, TALK)
        || PLACED.iter().any(|p| lower.contains(p))
        || ["listing ", "figure ", "table ", "chapter ", "section "].iter().any(|word| numbered(word))
}

/// The text begins with one of the words or phrases, as whole words.
fn begins_with(text: &str, beginnings: &[&str]) -> bool {
    let head: String = clip(text, 40).to_lowercase().replace('\u{2019}', "'");
    let head = head.trim_start_matches(['"', '“', '\'']);
    beginnings.iter().any(|b| {
        head.strip_prefix(b).is_some_and(|rest| {
            b.ends_with([' ', ',', ':', '(']) || !rest.starts_with(|c: char| c.is_alphanumeric())
        })
    })
}

/// Prose rather than code, formulas or debris.
pub(super) fn mostly_words(text: &str) -> bool {
    let (mut letters, mut others) = (0usize, 0usize);
    let mut code = false;
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        code ^= c == '`';
        if !code {
            letters += usize::from(c.is_alphanumeric());
            others += usize::from(!c.is_alphanumeric() && c != '`');
        }
    }
    letters >= 12 && others * 4 <= letters
}

/// Best first, each unlike those before it and with what belongs to it.
fn choose(mut left: Vec<Candidate>, claims_max: usize, material: &Material<'_>) -> Vec<Chosen> {
    let mut best: BTreeMap<usize, f64> = BTreeMap::new();
    for c in &left {
        let known = best.entry(c.sub_question).or_insert(0.0);
        *known = known.max(c.score);
    }
    left.retain(|c| best.get(&c.sub_question).is_some_and(|best| c.score >= best * SHARE_OF_BEST_MIN));
    let mut chosen: Vec<Chosen> = Vec::new();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    while chosen.len() < claims_max {
        let worth = |c: &Candidate| {
            let like = chosen.iter().map(|o| similarity(&o.keys, &c.keys)).fold(0.0, f64::max);
            let overlaps = (c.first..=c.last).any(|place| taken.contains(&place));
            let crowd = chosen.iter().filter(|o| o.sub_question == c.sub_question).count();
            #[allow(clippy::cast_precision_loss)]
            let crowd = crowd as f64 * CROWD_COST;
            (like < SIMILAR_MAX && !overlaps).then_some(c.score - like * SIMILAR_COST - crowd)
        };
        let next = left.iter().enumerate().filter_map(|(at, c)| Some((at, worth(c)?)));
        let Some((at, _)) = next.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))) else { break };
        let Candidate { first, last, sub_question, score, .. } = left.swap_remove(at);
        // What answers another part about as well is quoted for that one.
        let wanted = |o: &Candidate, place: usize| {
            o.last == place && o.sub_question != sub_question && o.score >= score * RIVAL_SHARE
        };
        let free = |place: usize| !taken.contains(&place) && !left.iter().any(|o| wanted(o, place));
        if let Some(snippet) = widened(material.sentences, material.passages, first..last + 1, free) {
            taken.extend(snippet.places.clone());
            let keys = material.lexicon.content(&snippet.text);
            chosen.push(Chosen { snippet, keys, sub_question, score });
        }
    }
    chosen
}

/// Share of words that two statements have in common.
pub(super) fn similarity(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let shared = a.intersection(b).count();
    let all = a.len() + b.len() - shared;
    #[allow(clippy::cast_precision_loss)]
    let share = if all == 0 { 0.0 } else { shared as f64 / all as f64 };
    share
}

fn claim(chosen: &Chosen, task: &AnalyzeTask) -> Option<Claim> {
    let Snippet { passage, source, text, .. } = &chosen.snippet;
    let quote = task.passages.get(*passage)?.get(source.clone())?;
    let fact = if text.is_empty() { plain(quote) } else { text.clone() };
    let found = kind::detect(&fact);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let relevance = (chosen.score.clamp(0.0, 1.0) * 100.0).round() as u32;
    Some(Claim {
        fact: clip(&fact, FACT_CHARS_MAX).to_owned(),
        quote: quote.to_owned(),
        sub_question: u32::try_from(chosen.sub_question + 1).unwrap_or(1),
        kind: found.kind,
        value: found.value,
        unit: found.unit,
        date: found.date,
        relevance,
        built_in: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PAGE: &str = "# Understanding ownership\n\nOwnership is Rust's most unique feature and enables memory safety without a garbage \
        collector. It has deep implications for the rest of the language. [Click here](x) to see chapter five.\n\n\
        ## References and borrowing\n\nA reference lets you refer to a value without taking **ownership** of it. \
        We call the action of creating a reference *borrowing*.\n\n```rust\nlet ownership = \"Rust ownership is borrowing.\";\n```\n\n\
        What is the best capital letter to use in Rust? The first letter of a type is a capital letter in idiomatic Rust code.\n";

    fn task(question: &str, sub_questions: &[&str], passages: &[&str]) -> AnalyzeTask {
        AnalyzeTask {
            question: question.into(),
            sub_questions: sub_questions.iter().map(|s| (*s).to_owned()).collect(),
            title: "The Rust book".into(),
            url: "https://doc.example/book/ownership.html".into(),
            published: None,
            today: "2026-11-22".into(),
            passages: passages.iter().map(|s| (*s).to_owned()).collect(),
            claims_max: 8,
            restate_in: None,
        }
    }

    #[test]
    fn claims_answer_their_sub_question_in_the_page_s_words() {
        let t = task(
            "What is ownership in Rust and how does borrowing work?",
            &["What is ownership in Rust?", "How does borrowing work in Rust?"],
            &[PAGE],
        );
        let claims = analyze(&t);
        let first: Vec<&Claim> = claims.iter().filter(|c| c.sub_question == 1).collect();
        assert!(
            first.iter().any(|c| c.fact.starts_with("Ownership is Rust's most unique feature")),
            "{claims:#?}"
        );
        assert!(claims.iter().any(|c| c.sub_question == 2 && c.quote.contains("*borrowing*")), "{claims:#?}");
        for c in &claims {
            assert!(
                PAGE.contains(&c.quote) && !c.quote.contains("Click") && !c.quote.contains("let ownership"),
                "{c:?}"
            );
        }
    }

    #[test]
    fn a_page_that_does_not_treat_the_question_gives_nothing() {
        for question in [
            "What is the capital of Mongolia?",
            "How do I bake sourdough bread?",
            "What is the best way to use a first value?",
            "What are the best Rust courses of 2026?",
            "Which vaccines are used in Kenya?",
        ] {
            assert_eq!(analyze(&task(question, &[question], &[PAGE])), [], "{question}");
        }
    }

    #[test]
    fn a_sentence_that_leans_on_the_one_before_takes_it_along() {
        let page = "The worker named autoprewarm saves the list of cached blocks to disk at an interval. The default is 300 seconds.";
        let claims = analyze(&task(
            "How often does the autoprewarm worker save cached blocks to disk?",
            &["How often does the autoprewarm worker save cached blocks to disk?"],
            &[page],
        ));
        assert_eq!(claims.len(), 1, "{claims:?}");
        assert_eq!(claims[0].quote, page);
        assert_eq!((claims[0].value.as_deref(), claims[0].unit.as_deref()), (Some("300"), Some("seconds")));
    }

    #[test]
    fn a_long_question_in_other_words_than_the_page_is_still_answered() {
        let page = "## NOTIFY\n\nThe payload is the message string that NOTIFY sends to every session listening on the channel in PostgreSQL. \
            In the default configuration it must be shorter than 8000 bytes.";
        let question = "What is the largest message text that can ride along when one PostgreSQL session signals other sessions listening on a channel, with default settings?";
        let claims = analyze(&task(question, &[question], &[page]));
        assert!(
            claims.iter().any(|c| c.quote.contains("8000 bytes") && c.quote.contains("message string")),
            "{claims:#?}"
        );
    }

    #[test]
    fn talk_about_the_page_is_no_claim() {
        let page = "In this chapter we look at ownership in Rust and what it means. As shown in Listing 4-3, ownership in Rust moves with the value. \
            Let\u{2019}s see how ownership in Rust works for strings. What does ownership in Rust cost at runtime?";
        assert_eq!(
            analyze(&task("What is ownership in Rust?", &["What is ownership in Rust?"], &[page])),
            []
        );
    }

    #[test]
    fn repeated_statements_are_claimed_once() {
        let page = "Tokio schedules tasks with work stealing across threads.\n\nTokio schedules its tasks with work stealing across all threads.";
        let claims = analyze(&task(
            "How does Tokio schedule tasks?",
            &["How does Tokio schedule tasks?"],
            &[page, page],
        ));
        assert_eq!(claims.len(), 1, "{claims:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn every_quote_is_an_exact_substring(
            passages in prop::collection::vec(r"([#*_`>|\[\]()\\.!?&;\n -]|Rust |Ownership is |borrowing works |tasks\. |\*\*bold\*\* |&amp; |é|所有権。|<b>|\n\n|\n- |\n> |\n\| a \| b \|\n\|-\|-\|\n| It [a-z]{1,8}\.){0,60}", 0..4),
        ) {
            let refs: Vec<&str> = passages.iter().map(String::as_str).collect();
            let t = task("What is ownership in Rust?", &["What is ownership in Rust?", "How does borrowing work?"], &refs);
            for claim in analyze(&t) {
                prop_assert!(passages.iter().any(|p| p.contains(&claim.quote)));
                prop_assert!(!claim.fact.is_empty() && claim.relevance <= 100);
                prop_assert!((1..=2).contains(&claim.sub_question));
            }
        }
    }
}
