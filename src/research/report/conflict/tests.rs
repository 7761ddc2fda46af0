use super::super::super::confidence::{Asked, rate};
use super::super::fixture::{finding, page};
use super::*;
use ConflictKind::{Date as Dates, Denial, Existence, Figure, Version};

fn found(a: (&str, &str), b: (&str, &str)) -> Vec<Conflict> {
    let pages = [(PageId(1), page(a.0, "x")), (PageId(2), page(b.0, "y"))].into();
    let list = [finding(1, 1, a.1, a.1), finding(2, 2, b.1, b.1)];
    let ratings = rate(&list, &pages, &Asked::new("", "2026-11-22"));
    conflicts(&list, &pages, &ratings)
}

fn kinds(a: &str, b: &str) -> Vec<ConflictKind> {
    found(("https://dev.to/x/1", a), ("https://docs.rs/y", b)).into_iter().map(|c| c.kind).collect()
}

#[test]
fn two_articles_that_date_async_closures_and_tokio_differently_are_found() {
    let article = [
        "With the 2024 Edition, Rust 1.85.0 was published in February 2025 and finally brought async closures and AsyncFn traits to the stable channel.",
        "Rust 1.85 stabilised async closures in February 2025, together with a new edition.",
        "Tokio 2.0, launched in March 2026, is said to serve more than ten million requests per second.",
        "On the runtime side, Tokio 2.0 cut the overhead of timers by 40 percent.",
    ];
    let report = [
        "The greatest step for the async language in 2024H2 was the stabilization of async closures.",
        "Building blocks such as async closures (stabilized in 2024H2) point to first-class support.",
        "In the registry, the newest release of Tokio is 1.47.1; there is no Tokio 2.0.",
        "So far Tokio 2.0 has not been released.",
    ];
    for (a, b, kind) in [
        (0, 0, Dates),
        (0, 1, Dates),
        (1, 0, Dates),
        (1, 1, Dates),
        (2, 2, Existence),
        (2, 3, Existence),
        (3, 2, Existence),
        (3, 3, Existence),
    ] {
        assert_eq!(kinds(article[a], report[b]), [kind], "{} | {}", article[a], report[b]);
        assert_eq!(kinds(report[b], article[a]), [kind], "{} | {}", report[b], article[a]);
    }
    for (a, b) in [(0, 2), (0, 3), (1, 2), (2, 0), (2, 1), (3, 0), (3, 1)] {
        assert_eq!(kinds(article[a], report[b]), [], "{} | {}", article[a], report[b]);
    }
}

#[test]
fn what_cannot_both_be_true_is_a_conflict() {
    let mut wrong = Vec::new();
    for (a, b, kind) in [
        ("Tokio spawns 256 blocking threads at most.", "Tokio spawns 512 blocking threads at most.", Figure),
        (
            "Tokio's blocking pool is limited to 512 threads.",
            "By default Tokio spawns up to 256 blocking threads.",
            Figure,
        ),
        (
            "The JIT compiler raised the throughput of the parser by 18 percent.",
            "With the JIT compiler, parser throughput went up by 25 %.",
            Figure,
        ),
        (
            "Tokio's scheduler cut tail latency by 40 percent.",
            "Tail latency dropped by 25 percent under Tokio's new scheduler.",
            Figure,
        ),
        ("The SQLite page size defaults to 4096 bytes.", "In SQLite the default page size is 1 KB.", Figure),
        (
            "PostgreSQL allows 100 connections by default.",
            "The default of PostgreSQL is 200 connections.",
            Figure,
        ),
        ("The Eiffel Tower is 330 metres tall.", "At 300 m, the Eiffel Tower was long the tallest.", Figure),
        (
            "In all, the lithium plant employs 1,200 workers.",
            "The lithium plant employs 900 workers.",
            Figure,
        ),
        (
            "The merger of Acme and Globex cost $3.2 billion.",
            "Acme paid 2.5 billion dollars in the merger with Globex.",
            Figure,
        ),
        (
            "A full vacuum of the Postgres table takes 5 minutes.",
            "A full vacuum of the Postgres table takes 40 seconds.",
            Figure,
        ),
        (
            "Git keeps unreachable reflog entries for 30 days.",
            "Git keeps unreachable reflog entries for 90 days.",
            Figure,
        ),
        ("async-std counts 1,754 dependent crates.", "async-std has 1,200 dependent crates.", Figure),
        ("The Tokio runtime was released in 2016.", "The Tokio runtime was released in 2017.", Dates),
        ("Ada Lovelace was born on 10 December 1815.", "Ada Lovelace was born in 1816.", Dates),
        (
            "The Rust Foundation was established in February 2021.",
            "The Rust Foundation was founded in 2020.",
            Dates,
        ),
        ("GitHub was acquired by Microsoft in 2018.", "GitHub was bought by Microsoft in 2016.", Dates),
        ("The GIL was removed in October 2024.", "The GIL was removed on 2025-06-01.", Dates),
        (
            "PostgreSQL 15 introduced the MERGE statement.",
            "The MERGE statement was introduced in PostgreSQL 14.",
            Version,
        ),
        ("Let chains were stabilised in Rust 1.88.", "Rust 1.85 stabilized let chains.", Version),
        ("The Tokio scheduler is fair.", "The Tokio scheduler is not fair.", Denial),
        ("MySQL supports transactional DDL.", "MySQL does not support transactional DDL.", Denial),
        ("The Iceberg format is slower than Parquet.", "The Iceberg format is faster than Parquet.", Denial),
        ("In all, the Great Wall is 21,196 km long.", "The Great Wall is 8,850 kilometres long.", Figure),
        (
            "The study found that 42 percent of developers worry about productivity.",
            "In the survey, 35% of developers worried about productivity.",
            Figure,
        ),
        (
            "In benchmarks Python 3.12 is 5 % faster than Python 3.11.",
            "Python 3.12 is 10 % faster than Python 3.11.",
            Figure,
        ),
        ("World War I began in 1914.", "World War I started in 1915.", Dates),
        (
            "The first volume of Capital was published in 1867.",
            "The first volume of Capital was published in 1876.",
            Dates,
        ),
        (
            "The ferry Lysling has a battery capacity of 4.2 megawatt hours.",
            "The battery of the ferry Lysling holds 4.8 MWh.",
            Figure,
        ),
        ("The population of Iceland is 383,000.", "Iceland has a population of 342,000 people.", Figure),
        (
            "SQLite supports databases up to 281 terabytes.",
            "The maximum size of an SQLite database is 140 TB.",
            Figure,
        ),
        (
            "The median salary of nurses is $77,600 a year.",
            "Nurses earn a median salary of 98,070 dollars a year.",
            Figure,
        ),
        (
            "WebAssembly is supported in 92 percent of browsers.",
            "75 percent of browsers support WebAssembly.",
            Figure,
        ),
        ("Chrome has a market share of 65 percent.", "The market share of Chrome is 58 %.", Figure),
        (
            "Redis was created by Salvatore Sanfilippo in 2009.",
            "Salvatore Sanfilippo created Redis in 2011.",
            Dates,
        ),
        ("The Treaty of Rome was signed on 25 March 1957.", "The Treaty of Rome was signed in 1958.", Dates),
        (
            "Kubernetes removed dockershim in version 1.24.",
            "Dockershim was removed in Kubernetes 1.22.",
            Version,
        ),
        (
            "The latest stable version of Node.js is 22.11.",
            "The current version of Node.js is 24.1.",
            Version,
        ),
        ("Vitamin C does not prevent colds.", "Vitamin C prevents colds.", Denial),
        ("The WASI preview is stable.", "The WASI preview is unstable.", Denial),
        ("There is no Python 4.", "In production, Python 4.0 doubled the speed of loops.", Existence),
        ("The latest release of Django is 5.2.", "With Django 6.0 came background tasks.", Existence),
    ] {
        wrong.extend((kinds(a, b) != [kind] || kinds(b, a) != [kind]).then(|| format!("{a} | {b}")));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn what_may_both_be_true_is_none() {
    let mut wrong = Vec::new();
    for (a, b) in [
        // Other subjects.
        ("Tokio spawns 256 blocking threads.", "Smol keeps 512 timers."),
        ("Tokio spawns 256 blocking threads.", "The Smol runtime spawns 512 blocking threads."),
        ("SQLite's default page size is 4096 bytes.", "SQLite's default cache size is 2000 KB."),
        (
            "The PostgreSQL index build of the table takes 5 minutes.",
            "The PostgreSQL index scan of the table takes 3 minutes.",
        ),
        (
            "The compiler team stabilised let chains in 2025.",
            "The compiler team stabilised async traits in 2023.",
        ),
        ("The Rust Foundation was founded in 2021.", "The Rust Foundation launched its grants in 2022."),
        ("Read latency of the disk is 5 ms.", "Write latency of the disk is 9 ms."),
        (
            "The pool opens a minimum of 16 database connections.",
            "The pool opens a maximum of 100 database connections.",
        ),
        ("The average response time of the API is 20 ms.", "The p99 response time of the API is 900 ms."),
        ("The Tokio console was released in 2021.", "Tokio was released in 2016."),
        // Other units and kinds.
        ("The parser gained 18 percent throughput.", "The parser gained 25 MB of throughput."),
        ("Use of the parser grew by 5 percent.", "Use of the parser grew by 5,000 users."),
        ("Support for the parser rose by 5 percentage points.", "Support for the parser rose by 40 percent."),
        ("The parser costs $20.", "The parser costs 18 euros."),
        // Other times and versions.
        ("Tokio had 100 dependent crates in 2019.", "Tokio had 900 dependent crates in 2024."),
        ("Tokio has 900 dependent crates.", "In 2019 Tokio had 100 dependent crates."),
        (
            "PostgreSQL 14 allows 100 connections by default.",
            "PostgreSQL 17 allows 200 connections by default.",
        ),
        ("Rust 1.84 was released in January 2025.", "Rust 1.85 was released in February 2025."),
        ("PostgreSQL 14 added JSON subscripting.", "PostgreSQL 15 added JSON logging."),
        ("PostgreSQL 15 added MERGE and JSON logging.", "PostgreSQL 14 added JSON subscripting."),
        ("In PostgreSQL 14 the planner is fast.", "In PostgreSQL 15 the planner is fast."),
        ("Tokio was popular in 2023.", "Tokio was popular in 2024."),
        ("Tokio 2.0 will be released in 2027.", "Tokio 2.0 was released in March 2026."),
        // Rounding, spelling, bounds and ranges.
        ("Tokio has 1,000 dependent crates.", "Tokio has 1000 dependent crates."),
        ("Rust code is 1.8x slower than C code.", "Rust code is 1.77x slower than C code."),
        ("About 40 percent of Rust developers use Tokio.", "Among Rust developers, 38 % use Tokio."),
        ("At least 10 Rust runtimes exist.", "There are 14 Rust runtimes."),
        (
            "More than 1,000 companies use the Rust compiler.",
            "More than 1,200 companies use the Rust compiler.",
        ),
        ("The Postgres backup takes 5 to 10 minutes.", "The Postgres backup takes 8 minutes."),
        ("The Tokio pool runs up to 512 blocking threads.", "The Tokio pool runs 256 blocking threads."),
        ("A Tokio task needs 64 KB of memory.", "A Tokio task needs 65,536 bytes of memory."),
        ("Async closures were stabilised in 2025.", "Async closures were stabilised on 20 February 2025."),
        ("Async closures were stabilised in Rust 1.85.", "Async closures were stabilised in Rust 1.85.0."),
        // Parts, wholes and frames.
        ("The EU has 450 million inhabitants.", "The EU's largest member has 84 million inhabitants."),
        ("France has 68 million inhabitants.", "Metropolitan France has 66 million inhabitants."),
        ("PostgreSQL allows 100 connections.", "PostgreSQL on Windows allows 64 connections."),
        ("The Tokio scheduler runs 4 worker threads.", "The Tokio scheduler runs 512 blocking threads."),
        ("The Tokio scheduler is fair.", "The Tokio scheduler is not fair to blocked tasks."),
        ("RFC 2739 describes async traits.", "RFC 3185 describes async traits."),
        ("The build step of the parser takes 3 steps.", "Step 7 of the build of the parser is slow."),
        // What looks like a denial or a figure.
        (
            "In Python 3, this protocol doesn't exist anymore.",
            "Access the annotations of an object in Python 3.10.",
        ),
        ("The returned volume is a 2-tuple of floats.", "The returned volume is a 10-tuple of floats."),
        ("No version of GIMP has been perfect.", "GIMP is not perfect."),
        (
            "There is no DROP LANGUAGE statement in the standard.",
            "There is no ANALYZE statement in the standard.",
        ),
        (
            "See the current documentation and the release notes for PostgreSQL 14.",
            "New features of PostgreSQL 15 are explained below.",
        ),
        ("O filtro, incluso no Apache 2.1, permite isso.", "The filter of Apache 2.1 allows it."),
        // Versions that were the latest at their time.
        (
            "In 2021 the latest release of Django was 3.2.",
            "With Django 5.0, released in 2023, came new fields.",
        ),
        ("The latest release of Django is 5.2.", "With Django 5.1 came new template tags."),
    ] {
        wrong.extend((!kinds(a, b).is_empty() || !kinds(b, a).is_empty()).then(|| format!("{a} | {b}")));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn figures_of_pages_years_apart_are_two_measurements_unless_they_are_limits() {
    let years = |a: &str, b: &str| {
        let mut pages: BTreeMap<PageId, PageRecord> =
            [(PageId(1), page("https://a.example/", "x")), (PageId(2), page("https://b.example/", "y"))]
                .into();
        for (page, day) in pages.values_mut().zip(["2019-05-01", "2024-05-01"]) {
            page.published = Some(day.to_owned());
        }
        let list = [finding(1, 1, a, a), finding(2, 2, b, b)];
        let ratings = rate(&list, &pages, &Asked::new("", "2026-11-22"));
        conflicts(&list, &pages, &ratings)
    };
    assert_eq!(years("Tokio has 100 dependent crates.", "Tokio has 900 dependent crates."), []);
    let limits =
        years("Tokio allows up to 256 blocking threads.", "Tokio allows up to 512 blocking threads.");
    assert_eq!(limits.len(), 1);
    assert_eq!(limits[0].preferred, Some(FindingId(2)));
    assert!(limits[0].reason.contains("of 2024-05-01 against 2019-05-01"), "{}", limits[0].reason);
}

#[test]
fn the_better_source_is_preferred_and_the_reason_says_why() {
    let (a, b) = ("Tokio spawns 256 blocking threads.", "Tokio spawns 512 blocking threads.");
    let conflict = found(("https://dev.to/x/1", a), ("https://docs.rs/y", b)).remove(0);
    assert_eq!((conflict.a, conflict.preferred), (FindingId(2), Some(FindingId(2))));
    assert_eq!(conflict.reason, "it comes from a first-hand source and the other from a user-generated page");
    let even = found(("https://a.example.com/", a), ("https://b.example.org/", b)).remove(0);
    assert_eq!((even.preferred, even.reason.as_str()), (None, "neither source has the better standing"));
}

#[test]
fn one_site_may_contradict_itself_but_not_between_its_numbered_pages() {
    let (a, b) = ("Tokio spawns 256 blocking threads.", "Tokio spawns 512 blocking threads.");
    assert_eq!(found(("https://a.example/one", a), ("https://a.example/two", b)).len(), 1);
    assert_eq!(found(("https://a.example/v1/one", a), ("https://a.example/v1/two", b)).len(), 1);
    assert_eq!(found(("https://a.example/docs/14/x", a), ("https://a.example/docs/15/x", b)), []);
}

#[test]
fn hundreds_of_findings_are_compared_at_once() {
    let facts: Vec<String> = (0..400)
        .map(|i| {
            format!(
                "Runtime {i} of the survey of schedulers spawns {} blocking threads on machine {}.",
                i * 7,
                i % 9
            )
        })
        .collect();
    let list: Vec<Finding> = (1..).zip(&facts).map(|(n, f)| finding(n, n, f, f)).collect();
    let pages: BTreeMap<PageId, PageRecord> =
        (1..=400).map(|n| (PageId(n), page(&format!("https://s{n}.example/"), "x"))).collect();
    let ratings = rate(&list, &pages, &Asked::new("", "2026-11-22"));
    assert!(conflicts(&list, &pages, &ratings).len() <= CONFLICTS_MAX);
}
