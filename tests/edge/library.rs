//! Documents of one's own: put in, listed, found, crawled, taken out.

use crate::support::api::Response;
use crate::support::http::Reply;
use crate::support::{Fault, Workerd, World, checks};
use serde_json::{Value, json};
use std::time::Duration;

/// A crawl of three pages on loopback takes a second; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const DOCUMENTS: &str = "/v1/library/documents";

#[track_caller]
fn assert_added(reply: Response) -> String {
    let reply = reply.expect(201);
    assert!(reply.json["url"].is_string() && reply.json["title"].is_string(), "{reply:?}");
    assert!(reply.json["words"].as_u64() > Some(0), "{reply:?}");
    reply.id()
}

#[track_caller]
fn markdown(workerd: &Workerd, id: &str) -> String {
    let stored = workerd.api().get(&format!("{DOCUMENTS}/{id}")).expect(200).json;
    stored["markdown"].as_str().unwrap_or_else(|| panic!("no markdown in {stored:#}")).to_owned()
}

#[test]
fn a_page_is_added_by_its_url_without_its_boilerplate() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let url = world.site("harbour").url("/charging.html");
    let reply = workerd.api().post(DOCUMENTS, &json!({"url": url}));
    assert_eq!(
        (&reply.json["url"], &reply.json["title"]),
        (&json!(url), &json!("Charging the ferry in Ostervik")),
        "{reply:?}"
    );
    let text = markdown(&workerd, &assert_added(reply));
    assert!(text.contains("Charging takes nine minutes at a power of 1.2 megawatts"), "{text}");
    assert!(!text.contains("Cookie settings") && !text.contains("<p>"), "{text}");
}

#[test]
fn html_markdown_and_plain_text_are_added_as_they_are_given() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let text = world.text_of(&world.site("survey").url("/noise.html")).expect("a page of this world");
    let sentence = "On the car deck the noise fell from 74 to 58 decibels.";
    let forms = [
        json!({"title": "Noise", "html": format!("<html><body><main><h1>Noise</h1><p>{text}</p></main></body></html>")}),
        json!({"title": "Noise", "markdown": format!("# Noise\n\n{text}\n")}),
        json!({"title": "Noise", "text": text}),
        json!({"text": text}),
    ];
    for form in forms {
        let id = assert_added(workerd.api().post(DOCUMENTS, &form));
        assert!(markdown(&workerd, &id).contains(sentence), "{form:#}");
    }
}

#[test]
fn a_document_needs_exactly_one_kind_of_content() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    for body in [
        json!({}),
        json!({"title": "t"}),
        json!({"text": ""}),
        json!({"url": "no url"}),
        json!({"url": 5}),
        json!({"url": "ftp://127.0.0.1/a"}),
        json!({"url": "file:///etc/passwd"}),
    ] {
        let reply = workerd.api().post(DOCUMENTS, &body);
        assert!(matches!(reply.status, 400 | 422), "{body}: {reply:?}");
        assert!(reply.json["error"].is_string(), "{body}: {reply:?}");
    }
}

#[test]
fn a_page_that_cannot_be_read_is_not_added() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    world.site("ferry").always("/battery.html", Fault::Reset);
    for path in ["/missing.html", "/battery.html"] {
        let reply = workerd.api().post(DOCUMENTS, &json!({"url": world.site("ferry").url(path)}));
        assert!((400..600).contains(&reply.status) && reply.status != 500, "{path}: {reply:?}");
        assert!(reply.json["error"].is_string(), "{path}: {reply:?}");
    }
    assert_eq!(checks::documents(&workerd.api()), [] as [Value; 0]);
}

#[test]
fn documents_are_listed_found_and_deleted() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let api = workerd.api();
    let urls = [world.site("survey").url("/noise.html"), world.site("energy").url("/winter.html")];
    let ids = urls.clone().map(|url| assert_added(api.post(DOCUMENTS, &json!({"url": url}))));

    let listed = checks::documents(&api);
    let members = |member: &str| -> Vec<Value> {
        let mut all: Vec<_> = listed.iter().map(|document| document[member].clone()).collect();
        all.sort_by_key(Value::to_string);
        all
    };
    let sorted = |values: &[String]| {
        let mut all: Vec<Value> = values.iter().map(|value| json!(value)).collect();
        all.sort_by_key(Value::to_string);
        all
    };
    assert_eq!((members("id"), members("url")), (sorted(&ids), sorted(&urls)), "{listed:#?}");

    let search = |query: &str| api.get(&format!("/v1/library/search?q={query}&limit=5")).expect(200).text;
    assert!(search("underwater+decibels+porpoises").contains(&urls[0]));
    assert!(
        !search("underwater+decibels+porpoises").contains(&urls[1]),
        "only what holds the words is found"
    );

    let deleted = api.delete(&format!("{DOCUMENTS}/{}", ids[0]));
    assert!(matches!(deleted.status, 200 | 204), "{deleted:?}");
    api.get(&format!("{DOCUMENTS}/{}", ids[0])).expect(404);
    assert!(!search("underwater+decibels+porpoises").contains(&urls[0]), "what is deleted is not found");
    api.get(&format!("{DOCUMENTS}/{}", ids[1])).expect(200);
}

#[test]
fn odd_queries_find_nothing_and_break_nothing() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let api = workerd.api();
    assert_added(api.post(DOCUMENTS, &json!({"url": world.site("ferry").url("/route.html")})));
    for query in
        ["%22", "*", "AND", "NEAR(", "a%22b", "%27%3B--", "%00", "%F0%9F%9A%A2", "-", "col:word", "%28%28%28"]
    {
        let reply = api.get(&format!("/v1/library/search?q={query}"));
        assert!(matches!(reply.status, 200 | 400 | 422), "{query}: {reply:?}");
    }
    for limit in ["0", "-1", "99999999999999999999", "x"] {
        let reply = api.get(&format!("/v1/library/search?q=ferry&limit={limit}"));
        assert!(matches!(reply.status, 200 | 400 | 422), "limit {limit}: {reply:?}");
    }
}

#[test]
fn a_crawl_reads_the_site_and_nothing_else() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let crawl = workerd.api().crawl(&world.site("ferry").url("/index.html"), 50, PATIENCE);
    assert_eq!(checks::crawl_counts(&crawl), (3, 0, 0), "{crawl:#}");
    assert!(world.site("harbour").ledger().is_empty() && world.search.ledger().is_empty());
    let pages: Vec<_> = world.site("ferry").ledger().iter().map(|entry| entry.request.path.clone()).collect();
    for page in ["/index.html", "/battery.html", "/route.html"] {
        assert_eq!(pages.iter().filter(|path| *path == page).count(), 1, "{page} in {pages:?}");
    }
}

#[test]
fn a_crawl_stops_at_its_number_of_pages() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let crawl = workerd.api().crawl(&world.site("survey").url("/index.html"), 2, PATIENCE);
    assert_eq!(checks::crawl_counts(&crawl).0, 2, "{crawl:#}");
    assert_eq!(checks::documents(&workerd.api()).len(), 2);
}

#[test]
fn a_crawl_counts_the_pages_that_fail_and_reads_the_others() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    world.site("survey").always("/noise.html", Fault::Instead(Reply::status(500)));
    let crawl = workerd.api().crawl(&world.site("survey").url("/index.html"), 50, PATIENCE);
    assert_eq!(checks::crawl_counts(&crawl), (2, 1, 0), "{crawl:#}");
}

#[test]
fn documents_survive_kill_9() {
    let world = World::start();
    let mut workerd = Workerd::start(world.keyless());
    let id =
        assert_added(workerd.api().post(DOCUMENTS, &json!({"url": world.site("ferry").url("/route.html")})));
    let before = markdown(&workerd, &id);
    workerd.restart();
    assert_eq!(markdown(&workerd, &id), before);
}
