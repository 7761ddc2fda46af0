//! Every site by replies in its API's documented shape (tests/fixtures/known).

mod hostile;

use super::*;

fn of(url: &str) -> Known {
    known(&Url::parse(url).expect("a URL")).unwrap_or_else(|| panic!("{url} is not known"))
}

fn reply(file: &str) -> Option<HttpReply> {
    let path = format!("{}/tests/fixtures/known/{file}", env!("CARGO_MANIFEST_DIR"));
    Some(HttpReply { status: 200, headers: Vec::new(), body: std::fs::read(path).expect("a fixture") })
}

fn refused(status: u16) -> Option<HttpReply> {
    Some(HttpReply { status, headers: Vec::new(), body: br#"{"message": "no"}"#.to_vec() })
}

fn apis() -> Apis {
    Apis::new("", Keys::default()).expect("blank is right")
}

/// The page made of these replies, after which nothing more is asked.
fn read(url: &str, files: &[&str]) -> Page {
    let known = of(url);
    let mut replies = Vec::new();
    for file in files {
        assert!(known.request(&apis(), &replies).is_some(), "{file} is not asked for");
        replies.push(reply(file));
    }
    assert!(known.request(&apis(), &replies).is_none(), "more is asked for");
    known.page(&replies, Limits::default()).expect("a page")
}

#[track_caller]
fn says(page: &Page, words: &[&str]) {
    let mut rest = page.markdown.as_str();
    for word in words {
        let at = rest
            .find(word)
            .unwrap_or_else(|| panic!("{word:?} is not there, or not in this place: {}", page.markdown));
        rest = rest.get(at..).expect("found there");
    }
}

#[test]
fn pages_are_told_by_host_and_path_and_asked_of_their_api() {
    for (url, asked) in [
        ("https://en.wikipedia.org/wiki/Rust", "https://en.wikipedia.org/w/rest.php/v1/page/Rust/with_html"),
        (
            "https://de.m.wikipedia.org/wiki/Stra%C3%9Fe#x",
            "https://de.wikipedia.org/w/rest.php/v1/page/Stra%C3%9Fe/with_html",
        ),
        (
            "https://en.wikipedia.org/wiki/AC/DC",
            "https://en.wikipedia.org/w/rest.php/v1/page/AC%2FDC/with_html",
        ),
        (
            "https://en.wikipedia.org/wiki/2001:_A_Space_Odyssey",
            "https://en.wikipedia.org/w/rest.php/v1/page/2001:_A_Space_Odyssey/with_html",
        ),
        (
            "https://arxiv.org/abs/1706.03762v5",
            "https://export.arxiv.org/api/query?id_list=1706.03762v5&max_results=1",
        ),
        (
            "http://www.arxiv.org/abs/hep-th/9901001",
            "https://export.arxiv.org/api/query?id_list=hep-th/9901001&max_results=1",
        ),
        ("https://github.com/rust-lang/rust", "https://api.github.com/repos/rust-lang/rust/readme"),
        (
            "https://github.com/rust-lang/rust/issues/1#issuecomment-2",
            "https://api.github.com/repos/rust-lang/rust/issues/1",
        ),
        (
            "https://github.com/rust-lang/rust/pull/22",
            "https://api.github.com/repos/rust-lang/rust/issues/22",
        ),
        ("https://github.com/a/b/releases", "https://api.github.com/repos/a/b/releases?per_page=10"),
        ("https://github.com/a/b/releases/tag/v1/x", "https://api.github.com/repos/a/b/releases/tags/v1/x"),
        (
            "https://github.com/a/b/blob/main/docs/a%20b.md",
            "https://raw.githubusercontent.com/a/b/main/docs/a%20b.md",
        ),
        (
            "https://stackoverflow.com/questions/500/how-high?rq=1",
            "https://api.stackexchange.com/2.3/questions/500?site=stackoverflow.com&filter=withbody",
        ),
        (
            "https://unix.stackexchange.com/q/7",
            "https://api.stackexchange.com/2.3/questions/7?site=unix.stackexchange.com&filter=withbody",
        ),
        (
            "https://pt.stackoverflow.com/questions/7",
            "https://api.stackexchange.com/2.3/questions/7?site=pt.stackoverflow.com&filter=withbody",
        ),
        ("https://news.ycombinator.com/item?id=9001", "https://hn.algolia.com/api/v1/items/9001"),
        (
            "https://old.reddit.com/r/rust/comments/1abc/title/",
            "https://www.reddit.com/r/rust/comments/1abc.json?raw_json=1&limit=200&depth=10",
        ),
        ("https://crates.io/crates/serde", "https://crates.io/api/v1/crates/serde"),
        ("https://crates.io/crates/serde/1.0.0", "https://crates.io/api/v1/crates/serde"),
        ("https://pypi.org/project/requests/", "https://pypi.org/pypi/requests/json"),
        ("https://pypi.org/project/requests/2.0.0/", "https://pypi.org/pypi/requests/2.0.0/json"),
        ("https://www.npmjs.com/package/express", "https://registry.npmjs.org/express"),
        ("https://www.npmjs.com/package/@types/node/v/20.1.0", "https://registry.npmjs.org/@types%2Fnode"),
    ] {
        let request = of(url).request(&apis(), &[]).expect("a call");
        assert_eq!(request.url, asked, "{url}");
        assert!(of(url).url().fragment().is_none());
    }
}

#[test]
fn what_only_looks_alike_is_left_to_the_ordinary_way() {
    for url in [
        "https://en.wikipedia.org/wiki/Special:Random",
        "https://en.wikipedia.org/wiki/Talk:Rust",
        "https://en.wikipedia.org/wiki/Rust?oldid=7",
        "https://en.wikipedia.org/w/index.php?title=Rust",
        "https://en.wikipedia.org:8443/wiki/Rust",
        "https://en.wikipedia.org.evil.example/wiki/Rust",
        "https://wikipedia.org/wiki/Rust",
        "https://arxiv.org/list/cs.CL/recent",
        "https://arxiv.org/abs/cs.CL",
        "https://arxiv.org/pdf/1706.03762",
        "https://github.com/rust-lang",
        "https://github.com/topics/rust",
        "https://github.com/a/b/issues",
        "https://github.com/a/b/issues/new",
        "https://github.com/a/b/discussions/1",
        "https://github.com/a/b/wiki/Home",
        "https://gist.github.com/a/b",
        "https://stackexchange.com/questions/1",
        "https://notstackoverflow.com/questions/1",
        "https://stackoverflow.com/questions/tagged/rust",
        "https://stackoverflow.com/a/12",
        "https://news.ycombinator.com/item?id=x",
        "https://news.ycombinator.com/news?id=1",
        "https://www.reddit.com/r/rust/",
        "https://www.reddit.com/user/a/comments/b",
        "https://crates.io/crates",
        "https://crates.io/crates/serde/reverse_dependencies",
        "https://pypi.org/search/?q=x",
        "https://www.npmjs.com/package/@types",
        "https://www.npmjs.com/~somebody",
        "ftp://crates.io/crates/serde",
        "http://127.0.0.1/wiki/Rust",
    ] {
        assert!(known(&Url::parse(url).expect("a URL")).is_none(), "{url}");
    }
}

#[test]
fn one_setting_sends_every_call_elsewhere_or_nowhere() {
    let setting = "wikipedia=http://127.0.0.1:9000, crates=http://127.0.0.1:9000/mirror/, npm=off";
    let apis = Apis::new(setting, Keys::default()).expect("all are right");
    let asked = |url: &str| of(url).request(&apis, &[]).map(|request| request.url);
    let article = asked("https://en.wikipedia.org/wiki/Rust");
    assert_eq!(article.as_deref(), Some("http://127.0.0.1:9000/w/rest.php/v1/page/Rust/with_html"));
    assert_eq!(
        asked("https://crates.io/crates/a").as_deref(),
        Some("http://127.0.0.1:9000/mirror/api/v1/crates/a")
    );
    assert_eq!(asked("https://www.npmjs.com/package/a"), None);
}

#[test]
fn keys_go_to_their_own_site_only() {
    let keys = Keys { github: Some("gh-key".into()), stackexchange: Some("se&key".into()) };
    let apis = Apis::new("", keys).expect("blank is right");
    assert!(!format!("{apis:?}").contains("key\""), "{apis:?}");
    for (url, _) in ONE_EACH {
        let known = of(url);
        let asked = format!("{:?}", known.request(&apis, &[]).expect("a call"));
        assert_eq!(asked.contains("Bearer gh-key"), known.site() == Site::GitHub, "{asked}");
        assert_eq!(asked.contains("&key=se%26key"), known.site() == Site::StackExchange, "{asked}");
    }
}

#[test]
fn a_wikipedia_article_is_its_text_without_what_stands_around_it() {
    let page = read("https://en.wikipedia.org/wiki/Chain_ferry", &["wikipedia.json"]);
    assert_eq!((page.title.as_str(), page.modified.as_deref()), ("Chain ferry", Some("2024-11-03")));
    assert_eq!((page.language.as_deref(), page.site_name.as_deref()), (Some("en"), Some("Wikipedia")));
    assert_eq!(page.licence.as_deref(), Some("https://creativecommons.org/licenses/by-sa/4.0/deed.en"));
    says(
        &page,
        &[
            "A **chain ferry** is",
            "[cable ferry](https://en.wikipedia.org/wiki/Cable_ferry)",
            "## History",
            "in 1832",
        ],
    );
    assert!(
        !page.markdown.contains("guided by chains\n") && !page.markdown.contains("Torpoint Ferry"),
        "{}",
        page.markdown
    );
}

#[test]
fn an_abstract_has_its_authors_and_days() {
    let page = read("https://arxiv.org/abs/2101.00001", &["arxiv.xml"]);
    assert_eq!(page.title, "Waves behind Ferries: Measured & Modelled");
    assert_eq!(page.author.as_deref(), Some("Ada Nilsen, Ben Ås"));
    assert_eq!(
        (page.published.as_deref(), page.modified.as_deref()),
        (Some("2021-01-02"), Some("2022-06-07"))
    );
    says(
        &page,
        &[
            "speeds < 20 knots the model is within 4 percent",
            "Subjects: physics.flu-dyn, physics.ao-ph",
            "J. Waves 7 (2022) 31",
        ],
    );
    assert!(page.links.contains(&"https://doi.org/10.1000/waves.31".to_owned()), "{:?}", page.links);
    let error = of("https://arxiv.org/abs/2101.00001").page(&[reply("arxiv_error.xml")], Limits::default());
    assert!(error.is_err());
}

#[test]
fn a_repository_is_its_readme_with_what_is_known_of_it() {
    let page = read("https://github.com/fjord/tide", &["github_readme.html", "github_repository.json"]);
    assert_eq!((page.title.as_str(), page.author.as_deref()), ("fjord/tide", Some("fjord")));
    assert_eq!(
        (page.published.as_deref(), page.modified.as_deref()),
        (Some("2019-02-03"), Some("2024-06-30"))
    );
    says(
        &page,
        &[
            "Predicts tides",
            "Licence: MIT",
            "1,400 harbours",
            "[the list](https://github.com/fjord/tide/blob/HEAD/docs/harbours.md)",
            "cargo install tide",
        ],
    );
}

#[test]
fn an_issue_comes_with_its_comments() {
    let page =
        read("https://github.com/fjord/tide/issues/41", &["github_issue.json", "github_comments.json"]);
    assert_eq!(page.title, "Heights are off by an hour after October (#41, fjord/tide)");
    assert_eq!((page.author.as_deref(), page.published.as_deref()), (Some("mara"), Some("2023-10-30")));
    says(
        &page,
        &[
            "State: closed (completed)",
            "Labels: bug",
            "one hour late in Bergen",
            "## fjordkeeper, 2023-10-31",
            "Fixed in `0.4.2`",
            "Works, thanks.",
        ],
    );
}

#[test]
fn releases_are_listed_with_tag_and_day() {
    let page = read("https://github.com/fjord/tide/releases", &["github_releases.json"]);
    assert_eq!(
        (page.title.as_str(), page.published.as_deref()),
        ("Releases (fjord/tide)", Some("2023-11-04"))
    );
    says(
        &page,
        &[
            "## 0.4.2",
            "Published: 2023-11-04",
            "clock of the harbour",
            "## v0.4.1",
            "Pre-release: yes",
            "forty further harbours",
        ],
    );
}

#[test]
fn a_file_is_markdown_or_code() {
    let file = |url: &str, text: &str| {
        let reply = HttpReply { status: 200, headers: Vec::new(), body: text.as_bytes().to_vec() };
        of(url).page(&[Some(reply)], Limits::default()).expect("a page")
    };
    let words = "some words that make this text long enough to be read ".repeat(4);
    let page = file("https://github.com/a/b/blob/main/docs/x.md", &format!("# X\n\n{words} [y](y.md)\n"));
    assert_eq!(page.title, "x.md (a/b)");
    says(&page, &["# X", "[y](https://github.com/a/b/blob/main/docs/y.md)"]);
    says(
        &file("https://github.com/a/b/blob/main/x.rs", &format!("fn x() {{}}\n// {words}")),
        &["```", "fn x() {}"],
    );
    let picture = HttpReply { status: 200, headers: Vec::new(), body: b"\x89PNG\r\n\xff".to_vec() };
    assert!(of("https://github.com/a/b/blob/main/x.png").page(&[Some(picture)], Limits::default()).is_err());
}

#[test]
fn the_accepted_answer_comes_first_then_the_votes() {
    let files = ["stackexchange_question.json", "stackexchange_answers.json"];
    let page = read("https://stackoverflow.com/questions/500/how-high", &files);
    assert_eq!(page.title, "How do I read a \"harmonic constant\" & its phase?");
    assert_eq!((page.author.as_deref(), page.published.as_deref()), (Some("Jürgen Vik"), Some("2023-07-22")));
    says(
        &page,
        &[
            "Which column is the phase?",
            "M2 0.44 310.2",
            "## Accepted answer by Liv, 2023-07-24, score 25",
            "third column",
            "## Answer by Per, 2023-07-23, score 30",
            "header of the table",
        ],
    );
}

#[test]
fn a_hacker_news_thread_keeps_its_order() {
    let page = read("https://news.ycombinator.com/item?id=9001", &["hackernews.json"]);
    assert!(page.title.starts_with("Electric ferries now carry"));
    assert_eq!((page.author.as_deref(), page.published.as_deref()), (Some("seafarer"), Some("2024-02-03")));
    says(
        &page,
        &["Points: 321", "## kari, 2024-02-03", "nine minutes", "### ola, 2024-02-03", "And in winter?"],
    );
    assert!(page.links.contains(&"https://ferries.example.org/report".to_owned()));
}

#[test]
fn a_reddit_thread_has_its_post_and_comments_and_an_old_page_beside_it() {
    let url = "https://www.reddit.com/r/ferries/comments/1abcde/is_the_new/";
    let page = read(url, &["reddit.json"]);
    assert_eq!((page.author.as_deref(), page.published.as_deref()), (Some("quietdeck"), Some("2024-04-05")));
    says(
        &page,
        &[
            "Community: r/ferries",
            "from the car deck",
            "## mate, 2024-04-05, score 31",
            "61 decibels",
            "### quietdeck",
            "**measured**",
        ],
    );
    let old = of(url).elsewhere().map(String::from);
    assert_eq!(old.as_deref(), Some("https://old.reddit.com/r/ferries/comments/1abcde/"));
    let with_robots: Vec<Site> = Site::ALL.into_iter().filter(|site| site.obeys_robots()).collect();
    assert_eq!(with_robots, [Site::Reddit]);
}

#[test]
fn a_crate_has_its_newest_stable_version_and_readme() {
    let page = read("https://crates.io/crates/tide-tables", &["crates_io.json", "crates_io_readme.html"]);
    assert_eq!((page.title.as_str(), page.author.as_deref()), ("tide-tables", Some("Fjord Keeper")));
    says(
        &page,
        &[
            "Version: 0.4.2",
            "Published: 2023-11-04",
            "Licence: MIT\n",
            "## README",
            "1,400 harbours",
            "## Versions",
            "0.4.1 (yanked): 2023-09-01",
        ],
    );
    let known = of("https://crates.io/crates/tide-tables");
    let second = known.request(&apis(), &[reply("crates_io.json")]).expect("a second call");
    assert_eq!(second.url, "https://crates.io/api/v1/crates/tide-tables/0.4.2/readme");
    let without = known
        .page(&[reply("crates_io.json"), refused(404)], Limits::default())
        .expect("no README is no harm");
    assert!(!without.markdown.contains("README"));
}

#[test]
fn a_python_project_has_its_description_and_days() {
    let page = read("https://pypi.org/project/tidetables/", &["pypi.json"]);
    assert_eq!(
        (page.author.as_deref(), page.published.as_deref()),
        (Some("Fjord Keeper"), Some("2024-03-02"))
    );
    says(
        &page,
        &[
            "Version: 2.1.0",
            "Licence: MIT License\n",
            "Requires Python: >=3.9",
            "**1,400** harbours",
            "import tidetables",
            "2.1.0: 2024-03-02",
            "1.0.0: 2020-01-01",
        ],
    );
    assert!(!page.markdown.contains("hidden words") && !page.markdown.contains("2.2.0"), "{}", page.markdown);
}

#[test]
fn a_package_too_long_to_be_read_whole_is_read_by_its_newest_version() {
    let url = "https://www.npmjs.com/package/@fjord/tide";
    let page = read(url, &["npm.json"]);
    assert_eq!((page.title.as_str(), page.published.as_deref()), ("@fjord/tide", Some("2024-04-05")));
    says(
        &page,
        &[
            "Version: 3.0.1",
            "First published: 2018-01-01",
            "https://github.com/fjord/tide",
            "npm install @fjord/tide",
            "3.0.0: 2023-12-31",
        ],
    );
    let manifest = serde_json::json!({"name": "@fjord/tide", "version": "3.0.1", "license": "MIT",
        "description": "Heights of the sea at one thousand and four hundred harbours of the whole world, computed in the browser and on servers, without any network."});
    let manifest = HttpReply { status: 200, headers: Vec::new(), body: manifest.to_string().into_bytes() };
    let known = of(url);
    let second = known.request(&apis(), &[None]).expect("a second call");
    assert_eq!(second.url, "https://registry.npmjs.org/@fjord%2Ftide/latest");
    let page = known.page(&[None, Some(manifest)], Limits::default()).expect("a page");
    says(&page, &["without any network", "Version: 3.0.1"]);
}

#[test]
fn whoever_asks_to_be_left_alone_is() {
    let now = Timestamp(1_700_000_000_000);
    let reply = |status: u16, headers: &[(&str, &str)], body: &str| HttpReply {
        status,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.as_bytes().to_vec(),
    };
    let github = of("https://github.com/a/b");
    let used_up = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1700000120")];
    assert_eq!(github.throttled(&reply(403, &used_up, "{}"), now), Some(Some(120_000)));
    assert_eq!(github.throttled(&reply(200, &used_up, "{}"), now), None);
    assert_eq!(github.throttled(&reply(403, &[], "{}"), now), None);
    assert_eq!(github.throttled(&reply(429, &[("retry-after", "7")], ""), now), Some(Some(7_000)));
    assert_eq!(
        github.throttled(&reply(503, &[("retry-after", "99999999")], ""), now),
        Some(Some(QUIET_MS_MAX))
    );
    assert_eq!(github.throttled(&reply(429, &[], ""), now), Some(None));
    let exchange = of("https://stackoverflow.com/questions/1");
    assert_eq!(
        exchange.throttled(&reply(200, &[], r#"{"items": [], "backoff": 10}"#), now),
        Some(Some(10_000))
    );
    let violation =
        r#"{"error_id": 502, "error_name": "throttle_violation", "error_message": "too many requests"}"#;
    assert_eq!(exchange.throttled(&reply(400, &[], violation), now), Some(Some(60_000)));
    assert_eq!(exchange.throttled(&reply(404, &[], "{}"), now), None);
}

/// One page of every site, with enough replies.
const ONE_EACH: [(&str, &[&str]); 12] = [
    ("https://en.wikipedia.org/wiki/Chain_ferry", &["wikipedia.json"]),
    ("https://arxiv.org/abs/2101.00001", &["arxiv.xml"]),
    ("https://github.com/fjord/tide", &["github_readme.html", "github_repository.json"]),
    ("https://github.com/fjord/tide/issues/41", &["github_issue.json", "github_comments.json"]),
    ("https://github.com/fjord/tide/releases", &["github_releases.json"]),
    ("https://github.com/fjord/tide/blob/main/a.txt", &["github_readme.html"]),
    (
        "https://stackoverflow.com/questions/500",
        &["stackexchange_question.json", "stackexchange_answers.json"],
    ),
    ("https://news.ycombinator.com/item?id=9001", &["hackernews.json"]),
    ("https://www.reddit.com/comments/1abcde", &["reddit.json"]),
    ("https://crates.io/crates/tide-tables", &["crates_io.json", "crates_io_readme.html"]),
    ("https://pypi.org/project/tidetables", &["pypi.json"]),
    ("https://www.npmjs.com/package/@fjord/tide", &["npm.json"]),
];

#[test]
fn the_table_in_the_docs_names_every_api_as_it_is() {
    let path = format!("{}/docs/sites.md", env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_to_string(path).expect("docs/sites.md");
    let rows =
        docs.lines().filter(|line| line.starts_with("| ")).map(|line| line.split(" | ").collect::<Vec<_>>());
    let rows: Vec<Vec<&str>> = rows.filter(|cells| cells.len() == 4 && cells[2].starts_with('`')).collect();
    let names: Vec<&str> =
        rows.iter().map(|cells| cells[2].trim_matches('`')).filter(|name| *name != "SITE_APIS").collect();
    for site in Site::ALL {
        assert!(names.contains(&site.name()), "{} has no row", site.name());
    }
    for cells in rows.iter().filter(|cells| !cells[2].contains("SITE_APIS")) {
        let site = Site::ALL.into_iter().find(|site| site.name() == cells[2].trim_matches('`'));
        let site = site.unwrap_or_else(|| panic!("{} is no site", cells[2]));
        let told = cells[3].trim_end_matches(" |").trim_matches('`');
        assert_eq!(told, site.public_api().unwrap_or("the article's own wiki"));
    }
}
