//! The page at `/`, in a real Chromium: used by a newcomer, and by owners of hostile documents.

use crate::support::{Config, Setup, Workerd, World};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const KEY: &str = "k-123456789012345678901234567890";
const QUESTION: &str = "What is the total battery capacity of the ferry Lysling and what did the charging system in Ostervik cost?";
const PATIENCE: Duration = Duration::from_secs(60);
/// A thought takes this long: time to watch a job, to steer it and to cancel it.
const THOUGHT: Duration = Duration::from_millis(1_000);

/// What a script in `tests/edge/page` saw.
#[track_caller]
fn seen(script: &str, workerd: &Workerd, argument: &str) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edge/page").join(script);
    let run = Command::new("node").arg(script).args([workerd.api().base(), argument]).output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{}\n{said}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_str(said.trim()).unwrap()
}

/// Nothing was refused by the policy, nothing went wrong, nobody else was asked, nothing of others ran.
#[track_caller]
fn assert_clean(tab: &Value) {
    for kind in ["violations", "errors", "elsewhere", "ran"] {
        assert_eq!(tab["seen"][kind], json!([]), "{kind}");
    }
}

#[test]
fn a_newcomer_asks_watches_reads_exports_cancels_and_schedules() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model().with("SEARCH", "library,searxng"));
    world.fill_library(&workerd, PATIENCE);
    world.model.latency(THOUGHT);
    let told = seen("newcomer.mjs", &workerd, QUESTION);
    assert_eq!(told["grave"], json!([]), "axe-core");
    for name in ["desk", "phone"] {
        let saw = &told[name];
        let text = |key: &str| saw[key].as_str().unwrap_or_default();
        assert_clean(saw);
        assert!(text("refused").contains("`query` is required"), "{}", text("refused"));
        assert_eq!((&saw["kept"], &saw["keptOverReload"]), (&json!(QUESTION), &json!(QUESTION)));
        assert_eq!((&saw["marked"], &saw["focus"]), (&json!("true"), &json!("H1")));
        assert!(text("estimate").contains("Probably"), "{}", text("estimate"));
        // The job as the API tells it is what the page showed.
        let job = workerd.api().get_research(text("id"));
        assert_eq!((&job["state"], &job["steerings"]), (&json!("completed"), &json!(1)), "{job}");
        assert_eq!(job["limits"]["max_cost_usd"], 0.5);
        let quotes: Vec<&str> =
            job["citations"].as_array().unwrap().iter().filter_map(|c| c["quote"].as_str()).collect();
        let quoted = saw["card"]["quote"].as_str().unwrap();
        assert!(quotes.iter().any(|quote| plain(quote) == plain(quoted)), "{quoted} is not in {quotes:?}");
        assert!(saw["card"]["badge"].as_str().unwrap().contains("confidence"), "{}", saw["card"]);
        assert!(saw["card"]["links"].to_string().contains("#:~:text="), "{}", saw["card"]);
        assert_eq!(saw["cardGone"], true);
        assert_eq!(saw["sources"], job["sources_count"]);
        assert_eq!(saw["sifted"], 0);
        let rounds: Vec<String> =
            (1..=job["iterations"].as_u64().unwrap()).map(|n| format!("Round {n}")).collect();
        assert_eq!(saw["rounds"], json!(rounds), "each round once");
        let (_, stream) = workerd.api().stream(&format!("/v1/research/{}/events", text("id")), PATIENCE);
        let foreseen = queries(&stream, "foreseen");
        assert_eq!(foreseen.len(), 1, "the question's own words are searched beside the plan: {stream}");
        assert_eq!(
            saw["queries"],
            json!(queries(&stream, "round_opened")),
            "what was foreseen is shown once"
        );
        assert_eq!(saw["queries"][0], json!(foreseen[0]));
        assert_eq!(saw["repeated"], 0, "what was told before the line was cut is told again");
        assert!(text("schedule").contains("Mondays at 07:00"), "{}", text("schedule"));
        assert!(text("stored").contains("painted green"), "{}", text("stored"));
        assert!(saw["contents"].to_string().contains("Sources"), "{}", saw["contents"]);
    }
    let desk = &told["desk"];
    let job = workerd.api().get_research(desk["id"].as_str().unwrap());
    assert_eq!((&desk["copied"], &desk["md"]), (&job["report"], &job["report"]));
    assert!(desk["html"].as_str().unwrap().contains("Content-Security-Policy"));
    let json: Value = serde_json::from_str(desk["json"].as_str().unwrap()).unwrap();
    assert_eq!(json["citations"], job["citations"]);
    assert!(desk["jsonl"].as_str().unwrap().lines().count() > 10);
    assert_eq!(desk["cardByKey"]["quote"].as_str().map(str::is_empty), Some(false));
    assert_eq!((&desk["inCard"], &desk["backAtMark"]), (&json!(true), &json!(true)));
}

/// The queries of the first event of a kind in a stream of events.
fn queries(stream: &str, kind: &str) -> Vec<String> {
    let block = stream.split("\n\n").find(|block| block.lines().any(|line| line == format!("event: {kind}")));
    let data = block.and_then(|block| block.lines().find_map(|line| line.strip_prefix("data: ")));
    let data: Value = data.and_then(|data| serde_json::from_str(data).ok()).unwrap_or_default();
    serde_json::from_value(data["queries"].clone()).unwrap_or_default()
}

/// Words alone: the card shows emphasis, and has no marks for it.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A document of somebody who would like to run something in the reader's browser.
fn hostile(n: usize) -> Value {
    let title = [
        "<script>pwned('title')</script> Lantern",
        "Lantern \"><img src=x onerror=pwned('t2')>",
        "[Lantern](javascript:pwned('t3')) ![x](https://evil.example/p.png)",
        "\u{202e}nretnaL\u{2066} </bdi><svg onload=pwned('t4')>",
    ][n % 4];
    let text = format!(
        "The lantern of Grimsholm was lit in the year {} by <img src=x onerror=pwned('a')> eleven keepers. \
         The lantern [burns](javascript:pwned('b')) whale oil, says <script>pwned('c')</script> the keeper `<svg onload=pwned('d')>`. \
         The lantern of Grimsholm ![weighs](https://evil.example/pixel.png?{n}) {} kilograms \u{202e}with its glass\u{2069} [1] [9999]. \
         A lantern keeper earns &lt;iframe src=javascript:pwned('e')&gt; {} crowns in a year of service on Grimsholm.",
        1874 + n,
        410 + n,
        700 + n
    );
    let url = [
        "https://evil.example/?\"><script>pwned('u')</script>",
        "https://evil.example/#javascript:pwned('u2')",
        "http://evil.example/'onmouseover='pwned(3)",
        "https://xn--80ak6aa92e.example/%3Cscript%3E",
    ][n % 4];
    let url = format!("{url}{n}");
    json!({"title": title, "markdown": text, "url": url, "collection": "island"})
}

#[test]
fn a_hostile_corpus_runs_nothing_loads_nothing_and_leads_nowhere_else() {
    let workerd = Workerd::start(World::start().keyless());
    let api = workerd.api();
    for n in 0..8 {
        api.post("/v1/library/documents", &hostile(n)).expect(201);
    }
    let question = "How heavy is the lantern of Grimsholm, and who lit it? <img src=x onerror=pwned('q')> [x](javascript:pwned('q2'))";
    let job = api.research(&json!({"query": question}), PATIENCE);
    assert!(job["citations"].as_array().is_some_and(|c| !c.is_empty()), "{job}");
    let name = "<script>pwned('s')</script>";
    api.post("/v1/schedules", &json!({"query": question, "name": name, "cron": "0 7 * * 1"})).expect(201);
    // Two that cannot both be right, in the shape that was asked for.
    for (host, lamps, more) in
        [("notes.example", 512, ""), ("handbook.example", 256, "The handbook says that ")]
    {
        let text = format!(
            "The lighthouse of Varn has a maximum of {lamps} spare lamps by default. {more}The lighthouse of Varn \
             keeps <script>pwned('f')</script> its lamps in a cellar."
        );
        let url = format!("https://{host}/<svg onload=pwned('v')>");
        let body = json!({"title": "<img src=x onerror=pwned('g')>", "text": text, "url": url, "collection": "varn"});
        api.post("/v1/library/documents", &body).expect(201);
    }
    let schema =
        json!({"type": "object", "properties": {"lamps": {"type": "integer", "description": "spare lamps"}}});
    let other = api.research(
        &json!({"query": "How many spare lamps does the lighthouse of Varn have by default?", "output_schema": schema,
            "sources": ["library:varn"]}),
        PATIENCE,
    );
    let jobs = [&job, &other].map(|job| job["id"].as_str().unwrap()).join(",");
    let saw = seen("hostile.mjs", &workerd, &jobs);
    assert_clean(&saw);
    assert_eq!(saw["foreign"], json!([]), "elements, attributes and addresses that are not the page's own");
    assert_eq!(saw["grave"], json!([]), "axe-core");
    let conflicts = other["conflicts"].as_array().unwrap();
    assert!(!conflicts.is_empty(), "{other}");
    assert_eq!(saw["ledger"], json!(vec![2; conflicts.len()]), "both sides of every conflict");
    assert_eq!(saw["output"], other["output"]["content"]);
    // It is shown as what it is, in its own direction.
    let text = |place: &str| saw["texts"][place].as_str().unwrap();
    assert!(text("library").contains("<script>pwned('title')</script> Lantern"), "{}", text("library"));
    assert!(text("schedules").contains(name), "{}", text("schedules"));
    for (place, text) in saw["texts"].as_object().unwrap() {
        assert!(!text.as_str().unwrap().contains(['\u{202e}', '\u{2066}']), "{place}");
    }
    let tricks = saw["tricks"]["text"].as_str().unwrap();
    assert!(tricks.contains("<script>pwned(1)</script>"), "{tricks}");
    assert!(saw["tricks"]["ms"].as_f64().unwrap() < 10_000.0, "a text takes {} ms", saw["tricks"]["ms"]);
}

#[test]
fn a_locked_deployment_asks_for_the_key_and_keeps_it_in_the_tab() {
    let env = [("API_KEYS".to_owned(), KEY.to_owned())].into();
    let workerd = Workerd::start(Setup { config: Config::Serving, env });
    let saw = seen("locked.mjs", &workerd, KEY);
    assert_clean(&saw);
    assert_eq!(saw["asked"], "A locked question?", "what was typed stays while the key is asked for");
    assert!(saw["wrong"].as_str().unwrap().contains("locked"), "{saw}");
    assert_eq!(saw["kept"], json!({"session": KEY, "local": null, "cookie": "", "other_tab": ""}));
    assert!(workerd.api().with_key(KEY).get("/v1/research").json["research"].as_array().unwrap().len() == 1);
    assert!(!workerd.log().contains(KEY));
}

#[test]
fn the_page_and_its_files_are_kept_by_browsers_for_as_long_as_they_are_the_same() {
    let workerd = Workerd::start(World::start().keyless());
    let page = workerd.api().get("/").expect(200);
    let policy = page.header("content-security-policy");
    for part in ["default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("cache-control"), "no-cache");
    let tag = page.header("etag").to_owned();
    let again = workerd.api().with_header("if-none-match", &tag);
    assert_eq!((again.get("/").expect(304).text.as_str(), again.get("/").header("etag")), ("", tag.as_str()));
    let script = page.text.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let file = workerd.api().get(script).expect(200);
    assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
    assert!(file.header("content-type").starts_with("text/javascript"));
    // A file of another release is this one's, and is not kept.
    let other = workerd.api().get("/ui/0000000000000000/app.js").expect(200);
    assert_eq!((other.header("cache-control"), &other.text), ("no-cache", &file.text));
    workerd.api().get(&script.replace("app.js", "secrets.js")).expect(404);
}

#[test]
fn the_reference_is_read_filtered_and_copied_from() {
    let env = [("API_KEYS".to_owned(), KEY.to_owned())].into();
    let workerd = Workerd::start(Setup { config: Config::Serving, env });
    let told = seen("reference.mjs", &workerd, "");
    assert_eq!(told["grave"], json!([]), "axe-core");
    for seen in told["seen"].as_array().unwrap() {
        assert_clean(&json!({ "seen": seen }));
    }
    assert_eq!((&told["none"], &told["reached"]), (&json!(0), &json!(true)));
    let filtered = told["filtered"].as_array().unwrap();
    assert!(
        filtered.contains(&json!("steerResearch")) && !filtered.contains(&json!("usage")),
        "{filtered:?}"
    );
    assert!(told["counted"].as_str().unwrap().contains(" of "), "{told}");
    assert!(told["copied"].as_str().unwrap().starts_with("curl 'http://127.0.0.1"), "{told}");
    assert!(told["without"].as_u64().unwrap() > 60, "without scripts all of it is there: {told}");
}
