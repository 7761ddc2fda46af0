//! Pairs of statements and quotes, kept as tables beside the other fixtures: add the pair that was judged wrong.

use super::*;

fn supported(statement: &str, quote: &str) -> bool {
    Evidence::new(quote, "").supports(&Statement::new(statement, &Lexicon::of([quote])))
}

#[test]
fn a_paraphrase_with_the_same_figures_and_names_is_borne_out() {
    assert!(supported(
        "On average, Rust carries a 1.77x performance overhead over C.",
        "We find that Rust incurs a performance overhead of 1.77x on average compared to C."
    ));
}

#[test]
fn another_figure_name_subject_or_denial_is_not_borne_out() {
    let quote = "Tokio uses a work-stealing scheduler with 512 blocking threads.";
    assert!(supported("Tokio uses a work-stealing scheduler.", quote));
    assert!(!supported("Tokio uses a work-stealing scheduler with 256 threads.", quote));
    assert!(!supported("The work-stealing scheduler of Smol uses blocking threads.", quote));
    assert!(!supported("Smol uses a work-stealing scheduler.", quote));
    assert!(!supported("Tokio never uses a work-stealing scheduler.", quote));
    assert!(!supported("Paris is the capital city of the French republic.", quote));
}

#[test]
fn a_statement_that_is_too_long_to_be_compared_is_not_borne_out() {
    let quote = "Tokio uses a work-stealing scheduler.";
    let padded =
        format!("Tokio uses a work-stealing scheduler{} and Oracle bought it.", " and so it is".repeat(60));
    assert!(!supported(&padded, quote));
    let figures = format!("Tokio uses a work-stealing scheduler {}.", "x1".repeat(200));
    assert!(!supported(&figures, "Tokio uses a work-stealing scheduler 1."));
}

#[test]
fn two_quotes_bear_out_together_what_neither_does_alone() {
    let one = Evidence::new("Tokio has 5 schedulers.", "");
    let other = Evidence::new("smol has 7 schedulers.", "");
    let statement = Statement::new("Tokio has 5 schedulers and smol has 7 schedulers.", &Lexicon::default());
    assert!(!one.supports(&statement) && !other.supports(&statement));
    assert!(Evidence::joined([&one, &other]).supports(&statement));
}

#[test]
fn a_name_is_known_again_in_small_letters() {
    let quote = "async-std counts 1,754 dependents.";
    let lexicon = Lexicon::of([quote, "Most crates use Tokio today.", "The crate tokio is old."]);
    let other = Statement::new("tokio counts 1,754 dependents.", &Lexicon::of(["Many use Tokio."]));
    assert!(!Evidence::new(quote, "").supports(&other));
    assert!(lexicon.is_ordinary("depend") && !lexicon.is_name("depend"));
}

#[test]
fn ordinary_paraphrases_of_technical_prose_are_borne_out() {
    for (statement, quote) in [
        (
            "Calling `block_on` from within an async context panics.",
            "This function panics if called within an asynchronous execution context: block_on must not be used there.",
        ),
        (
            "A `Mutex` is poisoned when a thread panics while holding the lock.",
            "The mutexes in this module implement a strategy called \u{201c}poisoning\u{201d} where a mutex becomes poisoned if it is recognized that the thread holding it panicked.",
        ),
        (
            "Async closures were stabilized in the second half of 2024.",
            "Async closures were stabilized in 2024H2, the second half of the year.",
        ),
        (
            "Progress on Return Type Notation has been slowed by technical debt in the compiler.",
            "Return Type Notation (RTN) progress has been slowed by technical debt in the Rust compiler's type system.",
        ),
        (
            "In Rust, futures are inert and make progress only when they are polled.",
            "Futures are inert in Rust and make progress only when polled. Dropping a future stops it from making further progress.",
        ),
        (
            "RustForger resolves 28.6% of tasks, an improvement of 34.9% over the strongest baseline.",
            "RustForger, using Claude-Sonnet-3.7, resolves 28.6% of tasks, a 34.9% improvement over the strongest baseline.",
        ),
        (
            "Unlike `Rc`, `Arc` can be shared safely between threads because its counter is atomic.",
            "Unlike Rc<T>, Arc<T> uses atomic operations for its reference counting. This means that it is thread-safe and can be shared between threads.",
        ),
        (
            "The unsafe keyword does not turn off the borrow checker.",
            "It\u{2019}s important to understand that unsafe doesn\u{2019}t turn off the borrow checker or disable any of Rust\u{2019}s other safety checks.",
        ),
    ] {
        assert!(supported(statement, quote), "{statement}");
    }
}

/// Lines of a table: kind, statement, quote, surroundings.
fn pairs(table: &'static str) -> Vec<[&'static str; 4]> {
    let lines = table.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty());
    lines
        .map(|line| {
            let mut cells = line.split('\t');
            std::array::from_fn(|_| cells.next().unwrap_or_default())
        })
        .collect()
}

fn objection([_, statement, quote, around]: &[&str; 4]) -> Option<&'static str> {
    let lexicon = Lexicon::of([*quote, *around]);
    Evidence::new(quote, around).objection(&Statement::new(statement, &lexicon))
}

#[test]
fn no_statement_passes_that_its_quote_does_not_bear_out() {
    let pairs = pairs(include_str!("../../../tests/fixtures/support/false.tsv"));
    assert!(pairs.len() >= 80, "{}", pairs.len());
    let passed: Vec<_> = pairs.iter().filter(|p| objection(p).is_none()).collect();
    assert!(passed.is_empty(), "{} of {} pass: {passed:#?}", passed.len(), pairs.len());
}

#[test]
fn nine_in_ten_honest_paraphrases_pass() {
    let pairs = pairs(include_str!("../../../tests/fixtures/support/true.tsv"));
    assert!(pairs.len() >= 80, "{}", pairs.len());
    let cut: Vec<_> = pairs.iter().filter_map(|p| Some((objection(p)?, p))).collect();
    println!("{} of {} honest paraphrases are cut: {cut:#?}", cut.len(), pairs.len());
    assert!(cut.len() * 10 <= pairs.len(), "{} of {}: {cut:#?}", cut.len(), pairs.len());
}

#[test]
fn every_quote_bears_itself_out() {
    for table in [
        include_str!("../../../tests/fixtures/support/true.tsv"),
        include_str!("../../../tests/fixtures/support/false.tsv"),
    ] {
        for [kind, _, quote, around] in pairs(table) {
            assert_eq!(objection(&[kind, quote, quote, around]), None, "{quote}");
        }
    }
}
