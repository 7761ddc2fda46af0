//! Bodies and replies of the `/v1/schedules` routes.

use crate::api::ApiError;
use crate::api::request::{BODY_BYTES_MAX, Fields, json_object};
use crate::job::Timestamp;
use crate::research::request::ResearchRequest;
use crate::schedule::{Cadence, Notify, Schedule, is_time_zone};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A schedule as its owner describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSchedule {
    /// What to call it.
    pub name: String,
    /// What is asked.
    pub request: ResearchRequest,
    /// When.
    pub cadence: Cadence,
    /// Which ends are told.
    pub notify: Notify,
    /// Not started until it is resumed.
    pub paused: bool,
}

/// What changes of a schedule: the members of the body, read once the schedule is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulePatch {
    /// As they came.
    pub members: Map<String, Value>,
}

/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 100;
/// Time zone of a cron expression without one.
const TIME_ZONE: &str = "UTC";

/// Reads the body of `POST /v1/schedules`: everything that a research request takes, beside it or under `request`, and
/// `cron` with `time_zone`, or `interval_seconds` or `interval_minutes`.
pub fn new_schedule(body: &[u8]) -> Result<NewSchedule, ApiError> {
    let object = flattened(json_object(body, BODY_BYTES_MAX)?);
    let mut fields = Fields::of(&object);
    let request = fields.research();
    if request.previous_id.is_some() {
        fields.problems.push("`previous_id` makes no sense for a schedule: leave it out".into());
    }
    let cadence = fields.cadence();
    if cadence.is_none() && !fields.names_cadence() {
        fields.problems.push(
            "say when: `cron` (five fields) with `time_zone`, or `interval_seconds` or `interval_minutes`"
                .into(),
        );
    }
    let (name, notify) = (fields.text("name", NAME_CHARS_MAX).unwrap_or_default(), fields.notify());
    let paused = fields.flag("paused");
    match cadence {
        Some(cadence) => fields.done(NewSchedule { name, request, cadence, notify, paused }),
        None => Err(ApiError::BadRequest { problems: fields.problems }),
    }
}

/// Reads the body of `PATCH /v1/schedules/{id}` as far as that can be done without the schedule.
pub fn schedule_patch(body: &[u8]) -> Result<SchedulePatch, ApiError> {
    let members = flattened(json_object(body, BODY_BYTES_MAX)?);
    if members.is_empty() {
        return Err(ApiError::bad_request("nothing to change: send at least one member of a schedule"));
    }
    Ok(SchedulePatch { members })
}

impl SchedulePatch {
    /// Where the changed request would look, as far as that is changed. What is wrong with it is said by
    /// [`SchedulePatch::applied_to`].
    #[must_use]
    pub fn places(&self) -> ResearchRequest {
        let mut fields = Fields::of(&self.members);
        fields.research()
    }

    /// The schedule with these changes; planned anew from `now` when its rhythm changed or it is resumed.
    pub fn applied_to(self, mut schedule: Schedule, now: Timestamp) -> Result<Schedule, ApiError> {
        let mut members = self.members;
        if members.get("query").is_some_and(Value::is_null) {
            members.remove("query");
        }
        let has = |members: &Map<String, Value>, name: &str| members.contains_key(name);
        let asks_another = has(&members, "query");
        members.entry("query").or_insert_with(|| schedule.request.query.clone().into());
        let mut fields = Fields::of(&members);
        let new = fields.research();
        let request = &mut schedule.request;
        if asks_another {
            request.query = new.query;
        }
        let mut take = |names: &[&str], change: &mut dyn FnMut(&mut ResearchRequest)| {
            if names.iter().any(|name| members.contains_key(*name)) {
                change(request);
            }
        };
        take(&["deep"], &mut |r| r.deep = new.deep);
        take(&["max_iterations", "maxIterations"], &mut |r| r.max_iterations = new.max_iterations);
        take(&["max_sources", "maxSources"], &mut |r| r.max_sources = new.max_sources);
        take(&["topic"], &mut |r| r.topic.clone_from(&new.topic));
        take(&["include_domains", "includeDomains"], &mut |r| {
            r.include_domains.clone_from(&new.include_domains)
        });
        take(&["exclude_domains", "excludeDomains"], &mut |r| {
            r.exclude_domains.clone_from(&new.exclude_domains)
        });
        take(&["language"], &mut |r| r.language.clone_from(&new.language));
        take(&["country"], &mut |r| r.options.country.clone_from(&new.options.country));
        take(&["recency"], &mut |r| r.options.recency = new.options.recency);
        take(&["after_date", "afterDate"], &mut |r| r.options.after_date.clone_from(&new.options.after_date));
        take(&["before_date", "beforeDate"], &mut |r| {
            r.options.before_date.clone_from(&new.options.before_date)
        });
        take(&["safe_search", "safeSearch"], &mut |r| r.options.safe_search = new.options.safe_search);
        take(&["sources"], &mut |r| r.sources.clone_from(&new.sources));
        take(&["start_urls", "startUrls"], &mut |r| r.start_urls.clone_from(&new.start_urls));
        take(&["budget"], &mut |r| r.budget = new.budget);
        take(&["webhook_url", "webhookUrl"], &mut |r| r.webhook_url.clone_from(&new.webhook_url));
        take(&["output_schema", "outputSchema"], &mut |r| r.output_schema.clone_from(&new.output_schema));
        take(&["metadata"], &mut |r| r.metadata.clone_from(&new.metadata));
        if has(&members, "name") {
            schedule.name = fields.text("name", NAME_CHARS_MAX).unwrap_or_default();
        }
        if has(&members, "notify") {
            schedule.notify = fields.notify();
        }
        let was_paused = schedule.paused;
        if has(&members, "paused") {
            schedule.paused = fields.flag("paused");
        }
        let cadence = fields.cadence();
        let replan = cadence.is_some() || (was_paused && !schedule.paused);
        if let Some(cadence) = cadence {
            schedule.cadence = cadence;
        }
        if replan {
            schedule.plan(now);
        }
        fields.done(schedule)
    }
}

/// A schedule as replies show it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScheduleView {
    /// Public id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// What is asked.
    pub query: String,
    /// Everything that is asked.
    pub request: ResearchRequest,
    /// The cron expression; null for an interval.
    pub cron: Option<String>,
    /// Its time zone.
    pub time_zone: Option<String>,
    /// The interval; null for a cron expression.
    pub interval_seconds: Option<u64>,
    /// Which ends are told.
    pub notify: Notify,
    /// Nothing is started while it is.
    pub paused: bool,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339; null while paused.
    pub next_run_at: Option<String>,
    /// Jobs started by the clock.
    pub runs_count: u64,
    /// The latest start.
    pub last_run: Option<RunView>,
}

/// One start of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    /// The job; null when none was started.
    pub research_id: Option<String>,
    /// When it was due, RFC 3339.
    pub nominal_at: String,
    /// `starting`, `started`, `refused` or `missed`.
    pub state: String,
    /// Why it was not started.
    pub reason: Option<String>,
}

impl ScheduleView {
    /// A schedule and its latest start.
    #[must_use]
    pub fn new(schedule: &Schedule, last_run: Option<RunView>) -> Self {
        let (cron, time_zone, interval_seconds) = match &schedule.cadence {
            Cadence::Cron { expression, time_zone } => {
                (Some(expression.clone()), Some(time_zone.clone()), None)
            }
            Cadence::Every { seconds } => (None, None, Some(*seconds)),
        };
        Self {
            id: schedule.id.clone(),
            name: schedule.name.clone(),
            query: schedule.request.query.clone(),
            request: schedule.request.clone(),
            cron,
            time_zone,
            interval_seconds,
            notify: schedule.notify,
            paused: schedule.paused,
            created_at: schedule.created_at.to_rfc3339(),
            next_run_at: schedule.next_at.filter(|_| !schedule.paused).map(Timestamp::to_rfc3339),
            runs_count: schedule.runs,
            last_run,
        }
    }
}

/// The members of `request`, if there is one, beside the others.
fn flattened(mut object: Map<String, Value>) -> Map<String, Value> {
    match object.remove("request") {
        Some(Value::Object(request)) => {
            for (name, value) in request {
                object.entry(name).or_insert(value);
            }
        }
        Some(other) => drop(object.insert("request".into(), other)),
        None => {}
    }
    object
}

impl Fields<'_> {
    fn names_cadence(&self) -> bool {
        self.get(&["cron", "interval_seconds", "interval_minutes"]).is_some()
    }

    /// The rhythm, if one is named; problems are noted.
    fn cadence(&mut self) -> Option<Cadence> {
        let cron = self.word("cron", NAME_CHARS_MAX);
        let zone = self.word("time_zone", NAME_CHARS_MAX);
        let seconds = self.count(&["interval_seconds"], u32::MAX).map(u64::from);
        let minutes = self.count(&["interval_minutes"], u32::MAX).map(u64::from);
        let interval = seconds.or(minutes.map(|m| m.saturating_mul(60)));
        if cron.is_some() && interval.is_some() {
            self.conflicts.push("send `cron` or an interval, not both".to_owned());
        }
        let zone = zone.as_deref().unwrap_or(TIME_ZONE);
        let read = match (cron, interval) {
            (Some(cron), _) => Cadence::cron(&cron, zone),
            _ if !is_time_zone(zone) => {
                Err(format!("`time_zone` must be an IANA name such as Europe/Berlin, not `{zone}`"))
            }
            (None, Some(seconds)) => Cadence::every(seconds),
            (None, None) => return None,
        };
        read.map_err(|problem| self.problems.push(problem)).ok()
    }

    fn notify(&mut self) -> Notify {
        match self.get(&["notify"]).map(|(_, value)| value.as_str()) {
            None | Some(Some("always")) => Notify::Always,
            Some(Some("on_change")) => Notify::OnChange,
            Some(_) => {
                self.problems.push("`notify` must be \"always\" or \"on_change\"".into());
                Notify::Always
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule() -> Schedule {
        let new = new_schedule(
            br#"{"query":"q","cron":"0 7 * * *","time_zone":"Europe/Berlin","request":{"max_sources":5},"notify":"on_change"}"#,
        )
        .unwrap();
        Schedule {
            id: "sch_1".into(),
            owner: "o".into(),
            name: new.name,
            request: new.request,
            cadence: new.cadence,
            notify: new.notify,
            paused: new.paused,
            created_at: Timestamp(0),
            next_at: None,
            last_nominal: None,
            runs: 0,
        }
    }

    #[test]
    fn options_may_stand_beside_the_rhythm_or_under_request() {
        let schedule = schedule();
        assert_eq!((schedule.request.query.as_str(), schedule.request.max_sources), ("q", Some(5)));
        assert_eq!(schedule.notify, Notify::OnChange);
        let view = ScheduleView::new(&schedule, None);
        assert_eq!((view.cron.as_deref(), view.interval_seconds), (Some("0 7 * * *"), None));
    }

    #[test]
    fn a_schedule_without_rhythm_or_with_two_is_refused_with_all_problems() {
        for (body, says) in [
            (r#"{"query":"q"}"#, "say when"),
            (r#"{"query":"q","cron":"* * * * *","interval_seconds":60}"#, "not both"),
            (r#"{"cron":"* * * *"}"#, "`query` is required"),
            (r#"{"cron":"* * * *","query":"q"}"#, "five fields"),
            (r#"{"query":"q","interval_seconds":5}"#, "interval"),
            (r#"{"query":"q","interval_minutes":5,"notify":"never"}"#, "`notify`"),
            (r#"{"query":"q","cron":"* * * * *","time_zone":"Mars"}"#, "`time_zone`"),
        ] {
            let error = new_schedule(body.as_bytes()).unwrap_err();
            assert!(error.to_string().contains(says), "{body}: {error}");
        }
    }

    #[test]
    fn a_patch_changes_what_it_names() {
        let now = Timestamp(1_795_348_800_000);
        let patch = schedule_patch(br#"{"max_sources":9,"paused":true}"#).unwrap();
        let patched = patch.applied_to(schedule(), now).unwrap();
        assert_eq!((patched.request.max_sources, patched.paused, patched.next_at), (Some(9), true, None));
        assert_eq!(patched.request.query, "q");
        let where_ = br#"{"language":"de","country":"AT","recency":"week","sources":["library"]}"#;
        let elsewhere = schedule_patch(where_).unwrap().applied_to(schedule(), now).unwrap().request;
        assert_eq!(elsewhere.language.as_deref(), Some("de"));
        assert_eq!(elsewhere.options.country.as_deref(), Some("AT"));
        assert!(elsewhere.options.recency.is_some() && elsewhere.sources.len() == 1);
        let resumed = schedule_patch(br#"{"paused":false}"#).unwrap().applied_to(patched, now).unwrap();
        assert!(resumed.next_at.is_some_and(|at| at > now));
        let hourly = schedule_patch(br#"{"interval_minutes":60}"#).unwrap().applied_to(resumed, now).unwrap();
        assert_eq!(hourly.cadence, Cadence::Every { seconds: 3_600 });
        assert!(schedule_patch(br#"{"cron":"nonsense"}"#).unwrap().applied_to(hourly, now).is_err());
        assert!(schedule_patch(b"{}").is_err());
    }
}
