//! A library in collections: files handed in, searched apart, and named as the sources of a job.

use crate::support::api::Response;
use crate::support::{Api, Workerd, World, checks};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

/// A job over a handful of documents takes a second or two; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

const DOCUMENTS: &str = "/v1/library/documents";
const QUESTION: &str = "How many days of leave does an employee have in a year?";
/// Four pages with headings.
const PDF: &[u8] = include_bytes!("../fixtures/pdf/plain.pdf");

/// Two handbooks that disagree.
fn two_handbooks(api: &Api) {
    for (collection, days) in [("old", "twenty-five"), ("new", "thirty")] {
        let text = format!(
            "# Leave\n\nEvery employee has {days} days of leave in a year. Leave that is not taken by the end of March is \
             lost, unless the employee was ill.\n"
        );
        let body =
            json!({"collection": collection, "title": format!("Handbook, {collection}"), "markdown": text});
        api.post(DOCUMENTS, &body).expect(201);
    }
}

fn ids(list: &Value) -> BTreeSet<String> {
    let all = checks::list(list, "documents").iter().chain(checks::list(list, "results"));
    all.filter_map(|one| one["id"].as_str().or(one["document"].as_str()).map(str::to_owned)).collect()
}

#[track_caller]
fn problem(reply: Response, status: u16) -> String {
    let reply = reply.expect(status);
    reply.json["error"].as_str().unwrap_or_else(|| panic!("no error in {reply:?}")).to_owned()
}

#[test]
fn collections_are_listed_searched_and_deleted_apart() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let api = workerd.api();
    assert_eq!(api.get("/v1/library/collections").expect(200).json, json!({"collections": []}));
    two_handbooks(&api);
    api.post(DOCUMENTS, &json!({"text": "Leave the key at the desk."})).expect(201);

    let listed = api.get("/v1/library/collections").expect(200).json;
    let counts: Vec<_> = checks::list(&listed, "collections")
        .iter()
        .map(|c| (c["name"].as_str().unwrap(), c["documents"].as_u64().unwrap()))
        .collect();
    assert_eq!(counts, [("default", 1), ("new", 1), ("old", 1)], "{listed:#}");

    let of_old = api.get(&format!("{DOCUMENTS}?collection=old")).expect(200).json;
    assert_eq!((&of_old["total"], ids(&of_old).len()), (&json!(1), 1), "{of_old:#}");
    assert_eq!(of_old["documents"][0]["collection"], "old");

    let found = |query: &str| api.get(&format!("/v1/library/search?q=leave+days+{query}")).expect(200).json;
    assert_eq!(ids(&found("&collection=old")), ids(&of_old));
    assert_eq!(ids(&found("&collection=old,new")).len(), 2);
    assert_eq!(ids(&found("")).len(), 3);
    let posted =
        api.post("/v1/library/search", &json!({"q": "leave days", "collection": "old"})).expect(200).json;
    assert_eq!(posted, found("&collection=old"));
    let passage = &posted["results"][0]["passages"][0];
    assert!(passage["text"].as_str().unwrap().contains("twenty-five days of leave"), "{posted:#}");
    assert_eq!((&passage["heading"], &passage["page"]), (&json!("Leave"), &Value::Null), "{posted:#}");
    assert!(passage["score"].as_f64() > Some(0.0), "{posted:#}");
    assert_eq!(posted["results"][0]["collection"], "old");

    api.delete("/v1/library/collections/old").expect(204);
    api.delete("/v1/library/collections/old").expect(404);
    assert!(ids(&found("")).is_disjoint(&ids(&of_old)));
    assert_eq!(checks::documents(&api).len(), 2);
    assert!(problem(api.get(&format!("{DOCUMENTS}?collection=No%20Name")), 400).contains("`collection`"));
}

#[test]
fn one_page_may_be_in_two_collections_and_keeps_its_id_in_each() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let api = workerd.api();
    let url = world.site("harbour").url("/charging.html");
    let add = |collection: &str| {
        api.post(DOCUMENTS, &json!({"url": url, "collection": collection})).expect(201).id()
    };
    let (a, b) = (add("a"), add("b"));
    assert_ne!(a, b);
    assert_eq!((add("a"), add("b")), (a, b));
    assert_eq!(checks::documents(&api).len(), 2);
}

#[test]
fn a_document_may_be_the_body_itself() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let api = workerd.api();
    let html = "<html><head><title>Door</title></head><body><main><h1>Door</h1><p>Ring twice.</p></main></body></html>";
    for (content_type, body, says) in [
        ("text/html; charset=utf-8", html.as_bytes(), "Ring twice."),
        ("text/markdown", b"# Door\n\nRing *twice*.".as_slice(), "Ring *twice*."),
        ("text/plain; charset=iso-8859-1", b"Caf\xe9: ring twice.".as_slice(), "Café: ring twice."),
    ] {
        let path =
            format!("{DOCUMENTS}?collection=doors&title=The%20door&url=https://doors.example/{}", says.len());
        let added = api.send("POST", &path, content_type, body).expect(201);
        assert_eq!((&added.json["title"], &added.json["collection"]), (&json!("The door"), &json!("doors")));
        assert!(added.json["url"].as_str().unwrap().starts_with("https://doors.example/"), "{added:?}");
        let stored = api.get(&format!("{DOCUMENTS}/{}", added.id())).expect(200);
        assert!(stored.json["markdown"].as_str().unwrap().contains(says), "{stored:?}");
    }
}

#[test]
fn a_pdf_is_cited_by_its_page() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let api = workerd.api();
    let added =
        api.send("POST", &format!("{DOCUMENTS}?collection=papers"), "application/pdf", PDF).expect(201);
    assert_eq!(added.json["pages"], 4, "{added:?}");
    let stored = api.get(&format!("{DOCUMENTS}/{}", added.id())).expect(200).json;
    let starts: Vec<u64> = checks::list(&stored, "page_starts").iter().filter_map(Value::as_u64).collect();
    assert_eq!(starts.len(), 4, "{stored:#}");

    let body = json!({"q": "\"four begins here\""});
    let found = api.post("/v1/library/search", &body).expect(200).json;
    assert_eq!(found["results"][0]["passages"][0]["page"], 4, "{found:#}");

    let question = "How high did the water of the Arno stand above the street in November 1966?";
    let job = api.research(&json!({"query": question, "sources": ["library:papers"]}), PATIENCE);
    let citations = checks::list(&job, "citations");
    assert!(!citations.is_empty(), "{job:#}");
    for citation in citations {
        let start = citation["start"].as_u64().unwrap();
        let page = starts.iter().filter(|begin| **begin <= start).count();
        assert_eq!(citation["page"], json!(page), "{citation:#}");
    }

    use base64::Engine;
    let encoded = base64::engine::general_purpose::STANDARD.encode(PDF);
    let again = api.post(DOCUMENTS, &json!({"content_base64": encoded, "collection": "copies"})).expect(201);
    assert_eq!(again.json["content_sha256"], added.json["content_sha256"]);
}

#[test]
fn what_cannot_be_taken_in_is_refused_with_a_reason() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let api = workerd.api();
    let send = |content_type: &str, body: &[u8]| api.send("POST", DOCUMENTS, content_type, body);
    let locked = include_bytes!("../fixtures/pdf/locked.pdf");
    assert!(problem(send("application/pdf", locked), 422).contains("encrypted"));
    let scanned = include_bytes!("../fixtures/pdf/scanned.pdf");
    assert!(problem(send("application/pdf", scanned), 422).contains("no text layer"));
    assert!(problem(send("application/pdf", b"These are words and no PDF."), 422).contains("damaged"));
    assert!(problem(send("text/plain", b""), 422).contains("almost no text"));
    let long = vec![b'x'; 10_000_001];
    assert!(problem(send("application/pdf", &long), 413).contains("10000000 bytes"));
    assert!(problem(send("text/plain", &long), 413).contains("6000000 bytes"));
    let form = send("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--\r\n");
    assert!(problem(form, 415).contains("not a form"));
    for body in [
        json!({"text": "a", "collection": "../a"}),
        json!({"text": "a", "collection": 7}),
        json!({"content_base64": "***"}),
        json!({"content_base64": "AAAA", "text": "a"}),
    ] {
        problem(api.post(DOCUMENTS, &body), 400);
    }
    assert_eq!(checks::documents(&api), [] as [Value; 0]);
}

#[test]
fn a_job_that_names_a_collection_cites_nothing_else_and_asks_nobody_else() {
    let world = World::start();
    let workerd = Workerd::start(world.setup([
        ("SEARCH", "searxng".into()),
        ("SEARXNG_URL", world.search.url("")),
        ("MODEL", "extractive".into()),
    ]));
    let api = workerd.api();
    two_handbooks(&api);
    for (collection, says, not) in [("old", "twenty-five", "thirty"), ("new", "thirty", "twenty-five")] {
        let sources = [format!("library:{collection}")];
        let job = api.research(&json!({"query": QUESTION, "sources": sources}), PATIENCE);
        checks::citations(&job, checks::stored_in_library(&api));
        let report = job["report"].as_str().unwrap();
        assert!(report.contains(says) && !report.contains(not), "{report}");
    }
    assert!(world.requests().is_empty(), "nothing left: {:#?}", world.requests());

    let both = api.research(&json!({"query": QUESTION, "sources": ["library:old", "library:new"]}), PATIENCE);
    assert_eq!(both["sources_count"], 2, "{both:#}");
    let all = api.research(&json!({"query": QUESTION, "sources": ["library"]}), PATIENCE);
    assert_eq!(all["sources_count"], 2, "{all:#}");
    assert!(world.requests().is_empty(), "nothing left: {:#?}", world.requests());

    api.research(&json!({"query": QUESTION, "sources": ["web"], "max_iterations": 1}), PATIENCE);
    assert!(!world.search.ledger().is_empty(), "the web was asked for");
}

#[test]
fn sources_that_there_are_not_are_refused_by_name() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let api = workerd.api();
    let post = |sources: Value| api.post("/v1/research", &json!({"query": QUESTION, "sources": sources}));
    let ask = |sources: Value| problem(post(sources), 400);
    assert!(problem(post(json!(["library:old"])), 409).contains("the library is empty"));
    two_handbooks(&api);
    let missing = problem(post(json!(["library:older"])), 409);
    assert!(missing.contains("`older`") && missing.contains("new, old"), "{missing}");
    assert!(ask(json!(["intranet"])).contains("`intranet` is no source"));
    assert!(ask(json!(["brave"])).contains("`brave`, which is not configured"));
    assert!(ask(json!(["web"])).contains("no web search"));
    let schedule = json!({"query": QUESTION, "interval_minutes": 60, "sources": ["library:older"]});
    assert!(problem(api.post("/v1/schedules", &schedule), 409).contains("`older`"));
}

#[test]
fn start_urls_are_read_first_and_cited() {
    let world = World::start();
    let workerd = Workerd::start(world.setup([
        ("SEARCH", "searxng".into()),
        ("SEARXNG_URL", world.search.url("")),
        ("MODEL", "extractive".into()),
    ]));
    let api = workerd.api();
    let start = world.site("harbour").url("/charging.html");
    let body = json!({"query": "How many minutes does charging take in Ostervik?", "start_urls": [start]});
    let job = api.research(&body, PATIENCE);
    checks::citations(&job, |url| world.text_of(url));
    assert!(checks::source_urls(&job).contains(&start), "{job:#}");
    let entries = world.entries();
    let first = entries.iter().filter(|(_, line)| line.contains(".html")).min_by_key(|(at, _)| *at).unwrap();
    assert!(first.1.contains("/charging.html"), "{entries:#?}");
    let reads = entries.iter().filter(|(_, line)| line.contains("/charging.html")).count();
    assert_eq!(reads, 1, "a start page that is found as well is read once");

    world.clear_ledgers();
    let alone = json!({"query": body["query"], "sources": ["library"], "start_urls": [start]});
    let job = api.research(&alone, PATIENCE);
    assert_eq!(checks::source_urls(&job), BTreeSet::from([start.clone()]), "{job:#}");
    assert!(world.search.ledger().is_empty(), "a private job asks no search engine");
}

#[test]
fn start_urls_that_may_not_be_fetched_are_refused() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let start_urls = ["http://169.254.169.254/latest/", "https://example.org/", "http://[::1]:9/"];
    let reply = workerd.api().post("/v1/research", &json!({"query": QUESTION, "start_urls": start_urls}));
    let problem = problem(reply, 403);
    assert!(problem.contains("URL 1 of `start_urls` is refused"), "{problem}");
    assert!(problem.contains("URL 3") && !problem.contains("URL 2"), "{problem}");
}

#[test]
fn a_library_of_an_older_release_goes_on_in_the_default_collection() {
    let world = World::start();
    let mut workerd = Workerd::start(world.keyless());
    let url = world.site("ferry").url("/route.html");
    let old = workerd.api().post(DOCUMENTS, &json!({"url": url})).expect(201);
    workerd.kill9();
    let files = workerd.files();
    let database =
        files.iter().find(|f| f.contains("footnote-library") && f.ends_with(".sqlite")).expect("a library");
    // What release 0.1 had.
    let downgrade = "import sqlite3, sys\n\
        db = sqlite3.connect(sys.argv[1])\n\
        db.execute('DROP INDEX documents_by_collection')\n\
        for column in 'collection page_starts fetched etag last_modified links checked_at gone_at'.split():\n\
        \x20   db.execute(f'ALTER TABLE documents DROP COLUMN {column}')\n\
        db.execute('DROP TABLE passage_pages')\n\
        db.commit()\n";
    let status = Command::new("python3").args(["-c", downgrade, database]).status().expect("python3 runs");
    assert!(status.success(), "the database could not be made old");
    workerd.restart();
    let api = workerd.api();
    let listed = checks::documents(&api);
    assert_eq!(
        (&listed[0]["id"], &listed[0]["collection"]),
        (&json!(old.id()), &json!("default")),
        "{listed:#?}"
    );
    let found = api.get("/v1/library/search?q=ferry&collection=default").expect(200).json;
    assert_eq!(ids(&found), BTreeSet::from([old.id()]), "{found:#}");
    assert_eq!(api.post(DOCUMENTS, &json!({"url": url})).expect(201).id(), old.id(), "the page keeps its id");
    api.post(DOCUMENTS, &json!({"url": url, "collection": "other"})).expect(201);
    assert_eq!(checks::documents(&api).len(), 2);
}
