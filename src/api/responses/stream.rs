//! The journal as the events of a streamed response. Each event's number follows from the journal alone, so that a stream
//! that was cut goes on behind the last number, however often.

use super::output::{item, message, message_id, said};
use super::view::{response, response_with};
use crate::job::view::{Course, Deed};
use crate::job::{Event, Job};
use serde_json::{Map, Value, json};

/// A stream: facts in, events out.
#[derive(Default)]
pub struct ResponseStream {
    job: Option<Job>,
    /// For each deed so far whether its end was told.
    told: Vec<bool>,
    running: bool,
    next: u64,
    /// Events up to this number are known to the caller.
    after: Option<u64>,
}

/// Characters of one piece of the text: about a screen.
const DELTA_CHARS: usize = 1_000;

impl ResponseStream {
    /// A stream whose caller has the events up to `after`.
    #[must_use]
    pub fn new(after: Option<u64>) -> Self {
        Self { after, ..Self::default() }
    }

    /// The events that follow from the next fact of the journal, as server-sent events; nothing for most facts, and for
    /// those that the caller has. Facts are to be given from the first on, each once.
    pub fn tell(&mut self, fact: &Event) -> String {
        let mut events = Vec::new();
        match self.job.as_mut() {
            None => {
                self.job = Job::fold([fact.clone()]);
                if let Some(job) = &self.job {
                    let response = response_with(job, Vec::new());
                    events.push(("response.created", json!({ "response": response })));
                    events.push(("response.queued", json!({ "response": response })));
                }
            }
            Some(job) => {
                job.apply(fact.clone());
                Self::progress(job, &mut self.told, &mut self.running, &mut events);
            }
        }
        events.into_iter().filter_map(|(name, data)| self.frame(name, data)).collect()
    }

    fn progress(
        job: &Job,
        told: &mut Vec<bool>,
        running: &mut bool,
        events: &mut Vec<(&'static str, Value)>,
    ) {
        if !*running && job.state().1 != "queued" {
            *running = true;
            events.push(("response.in_progress", json!({ "response": response_with(job, Vec::new()) })));
        }
        let trail = job.trail();
        for (place, deed) in trail.iter().enumerate() {
            if place >= told.len() {
                began(place, &item(job, deed), deed, events);
                told.push(false);
            }
            if let Some(told) = told.get_mut(place).filter(|told| !**told)
                && job.course(deed) != Course::Underway
            {
                *told = true;
                ended(place, &item(job, deed), deed, events);
            }
        }
        if !job.is_terminal() {
            return;
        }
        spoken(job, trail.len(), events);
        let whole = json!({ "response": response(job) });
        // There is no event of its own for a response that was cancelled; its status says so.
        events.push(match job.state().1 {
            "completed" => ("response.completed", whole),
            "partial" => ("response.incomplete", whole),
            _ => ("response.failed", whole),
        });
    }

    fn frame(&mut self, name: &str, mut data: Value) -> Option<String> {
        let number = self.next;
        self.next = number.saturating_add(1);
        if self.after.is_some_and(|after| number <= after) {
            return None;
        }
        let members: &mut Map<String, Value> = data.as_object_mut()?;
        members.insert("type".into(), name.into());
        members.insert("sequence_number".into(), number.into());
        Some(format!("event: {name}\ndata: {data}\n\n"))
    }
}

fn began(place: usize, whole: &Value, deed: &Deed<'_>, events: &mut Vec<(&'static str, Value)>) {
    let mut fresh = whole.clone();
    if let (Some(item), false) = (fresh.as_object_mut(), matches!(deed, Deed::Planned { .. })) {
        item.insert("status".into(), "in_progress".into());
    }
    events.push(("response.output_item.added", json!({ "output_index": place, "item": fresh })));
    let call = || json!({ "output_index": place, "item_id": whole.get("id") });
    match deed {
        Deed::Planned { .. } => {}
        Deed::Searched { .. } => {
            events.push(("response.web_search_call.in_progress", call()));
            events.push(("response.web_search_call.searching", call()));
        }
        Deed::Opened { .. } => events.push(("response.web_search_call.in_progress", call())),
    }
}

fn ended(place: usize, item: &Value, deed: &Deed<'_>, events: &mut Vec<(&'static str, Value)>) {
    if !matches!(deed, Deed::Planned { .. }) {
        let call = json!({ "output_index": place, "item_id": item.get("id") });
        events.push(("response.web_search_call.completed", call));
    }
    events.push(("response.output_item.done", json!({ "output_index": place, "item": item })));
}

/// The message, piece by piece: its text stands all at once, at the end.
fn spoken(job: &Job, place: usize, events: &mut Vec<(&'static str, Value)>) {
    let (Some((text, annotations)), Some(whole)) = (said(job), message(job)) else { return };
    let at = json!({ "output_index": place, "item_id": message_id(job), "content_index": 0 });
    let with = |more: Value| {
        let (mut data, more) = (at.clone(), more);
        if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
            data.extend(more);
        }
        data
    };
    let empty = json!({ "type": "output_text", "text": "", "annotations": [], "logprobs": [] });
    let fresh = json!({
        "id": message_id(job), "type": "message", "role": "assistant", "status": "in_progress", "content": [],
    });
    events.push(("response.output_item.added", json!({ "output_index": place, "item": fresh })));
    events.push(("response.content_part.added", with(json!({ "part": empty }))));
    let chars: Vec<char> = text.chars().collect();
    for piece in chars.chunks(DELTA_CHARS) {
        let delta: String = piece.iter().collect();
        events.push(("response.output_text.delta", with(json!({ "delta": delta, "logprobs": [] }))));
    }
    for (index, annotation) in annotations.iter().enumerate() {
        let data = with(json!({ "annotation_index": index, "annotation": annotation }));
        events.push(("response.output_text.annotation.added", data));
    }
    let part = json!({ "type": "output_text", "text": text, "annotations": annotations, "logprobs": [] });
    events.push(("response.output_text.done", with(json!({ "text": text, "logprobs": [] }))));
    events.push(("response.content_part.done", with(json!({ "part": part }))));
    events.push(("response.output_item.done", json!({ "output_index": place, "item": whole })));
}
