use super::*;
use proptest::prelude::*;

const PACE: Pace = Pace { delay_ms: 1_000, connections: 1 };

/// A host whose `robots.txt` was read at the beginning of time.
fn open(robots: &str) -> Gate {
    let file = RobotsFile::Found(robots.into());
    Gate::new(Some(Rules::of(&file, Timestamp(0))), Closed::default())
}

fn ask(gate: &mut Gate, path: &str, ticket: Option<u64>, at_ms: i64) -> Turn {
    let url = Url::parse("https://example.org").unwrap().join(path).unwrap();
    gate.enter(&url, path, ticket, (PACE, true), Timestamp(at_ms))
}

fn go(gate: &mut Gate, path: &str, at_ms: i64) -> u64 {
    match ask(gate, path, None, at_ms) {
        Turn::Go { visit } => visit,
        other => panic!("{path} at {at_ms}: {other:?}"),
    }
}

fn wait(turn: Turn) -> (u64, u64) {
    match turn {
        Turn::Wait { ticket, wait_ms } => (ticket, wait_ms),
        other => panic!("{other:?}"),
    }
}

#[test]
fn robots_txt_is_asked_for_once_and_before_any_page() {
    let mut gate = Gate::default();
    let Turn::Robots { visit } = ask(&mut gate, "/a", None, 0) else { panic!("the file comes first") };
    let (ticket, _) = wait(ask(&mut gate, "/b", None, 10));
    gate.learn(visit, &RobotsFile::Found("User-agent: *\nDisallow: /b".into()), Timestamp(100));
    assert_eq!(ask(&mut gate, "/b", Some(ticket), 110), Turn::Disallowed);
    wait(ask(&mut gate, "/a", None, 999));
    assert!(matches!(ask(&mut gate, "/a", None, 4_200), Turn::Go { .. }));
}

#[test]
fn nothing_is_read_while_robots_txt_cannot_be_and_it_is_asked_for_again() {
    let mut gate = Gate::default();
    let Turn::Robots { visit } = ask(&mut gate, "/a", None, 0) else { panic!() };
    gate.learn(visit, &RobotsFile::Unreachable, Timestamp(100));
    assert!(matches!(ask(&mut gate, "/a", None, 30_000), Turn::Closed { retry_after_ms: None, .. }));
    assert!(matches!(ask(&mut gate, "/a", None, 61_000), Turn::Robots { .. }));
}

#[test]
fn an_api_is_entered_without_robots_txt_but_at_the_same_pace() {
    let mut gate = Gate::default();
    let url = Url::parse("https://api.example.org/v1").unwrap();
    assert!(matches!(gate.enter(&url, "1", None, (PACE, false), Timestamp(0)), Turn::Go { .. }));
    assert!(matches!(gate.enter(&url, "2", None, (PACE, false), Timestamp(1_500)), Turn::Wait { .. }));
}

#[test]
fn requests_start_a_second_apart_and_one_after_the_other() {
    let mut gate = open("");
    let first = go(&mut gate, "/a", 0);
    let (ticket, wait_ms) = wait(ask(&mut gate, "/b", None, 200));
    assert_eq!(wait_ms, 800);
    // The second is over, the first visit is not.
    wait(ask(&mut gate, "/b", Some(ticket), 1_000));
    gate.leave(first, Ended::Answered, Timestamp(1_800));
    assert!(matches!(ask(&mut gate, "/b", Some(ticket), 1_800), Turn::Go { .. }));
}

#[test]
fn a_crawl_delay_is_kept_up_to_thirty_seconds() {
    for (asked, kept_ms) in [("4", 4_000), ("600", 30_000), ("0.1", 1_000)] {
        let mut gate = open(&format!("User-agent: *\nCrawl-delay: {asked}\n"));
        let visit = go(&mut gate, "/a", 0);
        gate.leave(visit, Ended::Answered, Timestamp(100));
        let (ticket, _) = wait(ask(&mut gate, "/b", None, kept_ms - 1));
        assert!(matches!(ask(&mut gate, "/b", Some(ticket), kept_ms), Turn::Go { .. }), "{asked}");
    }
}

#[test]
fn who_came_first_goes_first_unless_he_left() {
    let mut gate = open("");
    let visit = go(&mut gate, "/a", 0);
    let (first, _) = wait(ask(&mut gate, "/b", None, 100));
    let (second, _) = wait(ask(&mut gate, "/c", None, 150));
    gate.leave(visit, Ended::Answered, Timestamp(200));
    wait(ask(&mut gate, "/c", Some(second), 1_000));
    assert!(matches!(ask(&mut gate, "/b", Some(first), 1_050), Turn::Go { .. }));
    let mut gate = open("");
    let visit = go(&mut gate, "/a", 0);
    wait(ask(&mut gate, "/b", None, 100));
    gate.leave(visit, Ended::Answered, Timestamp(200));
    let (second, _) = wait(ask(&mut gate, "/c", None, 1_000));
    assert!(matches!(ask(&mut gate, "/c", Some(second), 3_200), Turn::Go { .. }));
}

#[test]
fn who_stands_behind_others_asks_again_when_half_of_them_should_have_had_their_turns() {
    let mut gate = open("");
    let (url, pace) = (Url::parse("https://a.example/").unwrap(), Pace { delay_ms: 0, connections: 1 });
    let mut enter = |key: &str| gate.enter(&url, key, None, (pace, true), Timestamp(0));
    assert!(matches!(enter("first"), Turn::Go { .. }));
    let waits = (0..100).map(|n| wait(enter(&n.to_string())).1).collect::<Vec<u64>>();
    assert_eq!(waits.get(..4), Some(&[WAIT_MS_MIN, 100, 200, 300][..]));
    assert_eq!(waits.last(), Some(&WAIT_MS_MAX));
    let asked_a_second: u64 = waits.iter().map(|ms| 1_000 / ms).sum();
    assert!(asked_a_second < 160, "a hundred waiters ask {asked_a_second} times a second");
}

#[test]
fn one_page_is_read_by_one_at_a_time_however_many_connections_there_are() {
    let mut gate = open("");
    let pace = (Pace { delay_ms: 0, connections: 6 }, true);
    let url = Url::parse("https://example.org/a").unwrap();
    assert!(matches!(gate.enter(&url, "/a", None, pace, Timestamp(0)), Turn::Go { .. }));
    assert!(matches!(gate.enter(&url, "/a", None, pace, Timestamp(0)), Turn::Wait { .. }));
}

#[test]
fn a_visit_that_nobody_ended_is_over_in_the_end() {
    let mut gate = open("");
    go(&mut gate, "/a", 0);
    let (ticket, _) = wait(ask(&mut gate, "/b", None, 19_999));
    assert!(matches!(ask(&mut gate, "/b", Some(ticket), 20_000), Turn::Go { .. }));
}

#[test]
fn a_host_that_throttles_is_left_alone_as_long_as_it_asked_for() {
    let mut gate = open("");
    let visit = go(&mut gate, "/a", 0);
    assert!(gate.leave(visit, Ended::Throttled { retry_after_ms: Some(7_000) }, Timestamp(100)));
    let Turn::Closed { retry_after_ms, .. } = ask(&mut gate, "/b", None, 200) else { panic!() };
    assert_eq!(retry_after_ms, Some(6_900));
    // A short rest is waited for in the queue.
    wait(ask(&mut gate, "/b", None, 6_000));
    go(&mut gate, "/c", 10_000);
    let mut silent = open("");
    for (turn, rest_ms) in [(0, 5_000_u64), (1, 10_000), (2, 20_000)] {
        let at = turn * 100_000;
        let visit = go(&mut silent, "/a", at);
        silent.leave(visit, Ended::Throttled { retry_after_ms: None }, Timestamp(at));
        assert_eq!(silent.closed().until, Timestamp(at).plus_ms(rest_ms));
    }
}

#[test]
fn an_answer_on_its_way_does_not_end_the_rest_that_a_host_asked_for() {
    let mut gate = open("");
    let pace = (Pace { delay_ms: 0, connections: 2 }, true);
    let url = |path: &str| Url::parse("https://example.org").unwrap().join(path).unwrap();
    let enter =
        |gate: &mut Gate, path: &str, at_ms| gate.enter(&url(path), path, None, pace, Timestamp(at_ms));
    let Turn::Go { visit: slow } = enter(&mut gate, "/a", 0) else { panic!() };
    let Turn::Go { visit: refused } = enter(&mut gate, "/b", 0) else { panic!() };
    gate.leave(refused, Ended::Throttled { retry_after_ms: Some(60_000) }, Timestamp(100));
    gate.leave(slow, Ended::Answered, Timestamp(200));
    assert!(matches!(enter(&mut gate, "/c", 300), Turn::Closed { .. }));
    assert!(matches!(enter(&mut gate, "/c", 60_200), Turn::Go { .. }));
}

#[test]
fn a_host_that_fails_five_times_is_tried_again_later_and_later_until_it_answers() {
    let mut gate = open("");
    let fail = |gate: &mut Gate, at_ms: i64| {
        let visit = go(gate, "/a", at_ms);
        gate.leave(visit, Ended::Failed, Timestamp(at_ms));
    };
    for n in 0..5 {
        fail(&mut gate, n * 2_000);
    }
    assert!(matches!(ask(&mut gate, "/a", None, 8_100), Turn::Closed { .. }));
    fail(&mut gate, 8_000 + 30_000);
    assert!(matches!(ask(&mut gate, "/a", None, 38_000 + 57_000), Turn::Closed { .. }));
    let visit = go(&mut gate, "/a", 38_000 + 60_000);
    gate.leave(visit, Ended::Answered, Timestamp(99_000));
    assert_eq!(gate.closed(), &Closed::default());
}

#[test]
fn who_goes_away_says_nothing_of_the_host() {
    let mut gate = open("");
    for n in 0..10 {
        let visit = go(&mut gate, "/a", n * 1_000);
        assert!(!gate.leave(visit, Ended::Abandoned, Timestamp(n * 1_000)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Visitors that come, wait, leave, fail and vanish at any moment: the pace holds, and the door never stays shut.
    #[test]
    fn no_crowd_makes_the_pace_break(steps in prop::collection::vec((0_u64..8, 0_u64..6, 0_u64..700), 1..300), connections in 1_usize..4) {
        let pace = Pace { delay_ms: 300, connections };
        let mut gate = open("");
        let mut now = Timestamp(1_000);
        let mut tickets = BTreeMap::new();
        let mut inside: BTreeMap<u64, Timestamp> = BTreeMap::new();
        let mut last_start: Option<Timestamp> = None;
        for (who, what, later_ms) in steps {
            now = now.plus_ms(later_ms);
            inside.retain(|_, since| now.ms_since(*since) < VISIT_MS_MAX);
            let url = Url::parse(&format!("https://example.org/{who}")).unwrap();
            match what {
                0 => { inside.pop_first().map(|(visit, _)| gate.leave(visit, Ended::Answered, now)); }
                1 => { tickets.remove(&who); }
                _ => match gate.enter(&url, url.path(), tickets.remove(&who), (pace, true), now) {
                    Turn::Go { visit } => {
                        prop_assert!(last_start.is_none_or(|at| now.ms_since(at) >= pace.delay_ms));
                        last_start = Some(now);
                        inside.insert(visit, now);
                        prop_assert!(inside.len() <= connections);
                    }
                    Turn::Wait { ticket, wait_ms } => {
                        prop_assert!((WAIT_MS_MIN..=WAIT_MS_MAX).contains(&wait_ms));
                        tickets.insert(who, ticket);
                    }
                    other => prop_assert!(false, "{other:?}"),
                },
            }
        }
        now = now.plus_ms(VISIT_MS_MAX + TICKET_MS_MAX);
        let url = Url::parse("https://example.org/last").unwrap();
        let turn = gate.enter(&url, "last", None, (pace, true), now);
        prop_assert!(matches!(turn, Turn::Go { .. }), "{:?}", turn);
    }
}
