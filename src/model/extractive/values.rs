//! Figures that a question asks for and that are given in words of their own: "The default is 300 seconds" shares no word
//! with the question, and answers it because of where it stands.

use super::kind;
use super::rank::Asked;
use super::sentences::Sentence;
use crate::order::sort_by;

/// Share of a statement's score that a figure right beside it gets.
const BESIDE: f64 = 0.95;
/// What each sentence between the two costs of that share: thirty on, it is another matter.
const STEP: f64 = 0.01;
/// What it costs that they stand under different headings.
const CROSSING: f64 = 0.1;
/// A page with so few sentences has one matter, and no figure on it falls below `SHORT_PAGE` of an answer's score.
const SHORT_PAGE_SENTENCES_MAX: usize = 100;
const SHORT_PAGE: f64 = 0.6;
/// Most figures that a sub-question gets this way from one page.
const FIGURES_MAX: usize = 4;

/// A statement that ends at the sentence `place`, with the sub-question it answers and how well, if it does.
pub(super) struct Scored {
    pub(super) first: usize,
    pub(super) place: usize,
    pub(super) text: String,
    pub(super) answer: Option<(usize, f64)>,
}

/// Lets statements with a figure answer a sub-question that asks for one when they stand beside an answer to it.
pub(super) fn beside_answers(statements: &mut [Scored], sentences: &[Sentence], asked: &[Option<Asked>]) {
    for (at, _) in asked.iter().enumerate().filter(|(_, a)| a.as_ref().is_some_and(Asked::wants_figure)) {
        let answers: Vec<(usize, f64)> = statements
            .iter()
            .filter_map(|s| {
                s.answer.filter(|(sub_question, _)| *sub_question == at).map(|(_, score)| (s.place, score))
            })
            .collect();
        if answers.is_empty() {
            continue;
        }
        let mut figures: Vec<(usize, f64)> = statements
            .iter()
            .enumerate()
            .filter(|(_, s)| kind::detect(&s.text).unit.is_some())
            .filter_map(|(n, s)| {
                let own = s.answer.map_or(0.0, |(_, score)| score);
                let others = answers.iter().filter(|(place, _)| *place != s.place);
                let worth = others.map(|(place, score)| score * share(sentences, *place, s.place));
                worth.max_by(f64::total_cmp).filter(|score| *score > own).map(|score| (n, score))
            })
            .collect();
        sort_by(&mut figures, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        for (n, score) in figures.into_iter().take(FIGURES_MAX) {
            if let Some(statement) = statements.get_mut(n) {
                statement.answer = Some((at, score));
            }
        }
    }
}

fn share(sentences: &[Sentence], answer: usize, figure: usize) -> f64 {
    #[allow(clippy::cast_precision_loss)]
    let between = answer.abs_diff(figure).saturating_sub(1) as f64;
    let headings = |place: usize| sentences.get(place).map(|s| &s.headings);
    let crossing = if headings(answer) == headings(figure) { 0.0 } else { CROSSING };
    let least = if sentences.len() <= SHORT_PAGE_SENTENCES_MAX { SHORT_PAGE } else { 0.0 };
    (BESIDE - between * STEP - crossing).max(least)
}

#[cfg(test)]
mod tests {
    use super::super::analyze::analyze;
    use crate::model::AnalyzeTask;

    const PAGE: &str = "# Notices\n\nA notice wakes every session that listens on its channel. \
        A session sends a notice to a channel together with a text.\n\n## Parameters\n\n`channel`\n\n- Its name.\n\n\
        `payload`\n\n- The string to be passed along with it. In the default configuration it must be shorter than 8000 \
        bytes.\n\n## History\n\nThis command was added by the second release and is kept for good.\n";

    fn facts(question: &str, page: &str) -> Vec<String> {
        let task = AnalyzeTask {
            question: question.into(),
            sub_questions: vec![question.into()],
            title: "Notices".into(),
            url: "https://docs.example/notices.html".into(),
            published: None,
            today: "2026-11-22".into(),
            passages: vec![page.into()],
            claims_max: 8,
            restate_in: None,
        };
        analyze(&task).into_iter().map(|claim| claim.fact).collect()
    }

    #[test]
    fn a_figure_beside_an_answer_is_found_without_a_word_of_the_question() {
        let asked = "What is the largest text that a session sends with a notice to a channel?";
        assert!(
            facts(asked, PAGE).iter().any(|fact| fact.contains("8000 bytes")),
            "{:?}",
            facts(asked, PAGE)
        );
    }

    #[test]
    fn a_figure_is_not_taken_along_where_none_is_asked_for() {
        let asked = "Which sessions does a notice on a channel wake?";
        assert!(!facts(asked, PAGE).is_empty());
        assert!(facts(asked, PAGE).iter().all(|fact| !fact.contains("8000 bytes")));
    }

    #[test]
    fn a_page_without_an_answer_gives_no_figure_either() {
        let elsewhere = "# Gardens\n\nRoses grow slowly in the shade of old walls. The wall must be shorter than 8000 bytes.\n";
        assert!(
            facts("What is the largest text that a session sends with a notice to a channel?", elsewhere)
                .is_empty()
        );
    }
}
