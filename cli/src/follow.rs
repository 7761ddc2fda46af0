//! Following a job to its end: the bar, the timeline, Ctrl-C.

use crate::api::{Api, Trouble};
use crate::args::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;
use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// A second Ctrl-C within this time cancels the job.
const AGAIN: Duration = Duration::from_secs(3);

enum News {
    Job(Box<Value>),
    Lost(Trouble),
    Interrupted,
}

/// The job when it is over.
pub fn to_the_end(args: &Args, api: &Api, id: &str) -> Result<Value, Trouble> {
    let (sender, news) = mpsc::channel();
    let interrupts = sender.clone();
    ctrlc::set_handler(move || drop(interrupts.send(News::Interrupted)))
        .map_err(|e| Trouble::Usage(format!("signals cannot be heard: {e}")))?;
    let (poller, job_id) = (api.clone(), id.to_owned());
    std::thread::spawn(move || {
        let mut tag = None;
        loop {
            let found = match poller.look(&job_id, tag.as_deref()) {
                Ok(look) => {
                    tag = look.tag;
                    look.job.map(|job| News::Job(Box::new(job)))
                }
                Err(trouble) => Some(News::Lost(trouble)),
            };
            let Some(found) = found else { continue };
            let last = match &found {
                News::Job(job) => is_over(job),
                _ => true,
            };
            if sender.send(found).is_err() || last {
                return;
            }
        }
    });

    let screen = Screen::new(args, id);
    let mut until = args.timeout.and_then(|s| Instant::now().checked_add(Duration::from_secs(s)));
    let mut interrupted = false;
    loop {
        let wait =
            until.map_or(Duration::from_secs(3_600), |until| until.saturating_duration_since(Instant::now()));
        match news.recv_timeout(wait) {
            Ok(News::Job(job)) => {
                screen.show(&job);
                if is_over(&job) {
                    screen.end();
                    return Ok(*job);
                }
            }
            Ok(News::Lost(trouble)) => {
                screen.end();
                return Err(trouble);
            }
            Ok(News::Interrupted) if interrupted || args.cancel_on_interrupt => {
                screen.say("Cancelling ...");
                let job = api.cancel(id);
                screen.end();
                return job;
            }
            // Only somebody at a terminal can press it again.
            Ok(News::Interrupted) if std::io::stderr().is_terminal() => {
                screen.say("Ctrl-C again cancels the job; else it goes on.");
                (interrupted, until) = (true, Some(Instant::now() + AGAIN));
            }
            Ok(News::Interrupted) => {
                screen.end();
                return Err(Trouble::Interrupted(goes_on(id)));
            }
            Err(RecvTimeoutError::Timeout) if interrupted => {
                screen.end();
                return Err(Trouble::Interrupted(goes_on(id)));
            }
            Err(RecvTimeoutError::Timeout) if until.is_none() => {}
            Err(RecvTimeoutError::Timeout) => {
                screen.end();
                return Err(Trouble::TimedOut(format!("not over in time; {}", goes_on(id))));
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Trouble::Unreachable("the job is not followed any more".into()));
            }
        }
    }
}

fn is_over(job: &Value) -> bool {
    job.get("status").and_then(Value::as_str) != Some("processing")
}

fn goes_on(id: &str) -> String {
    format!("the job goes on: footnote --id {id}")
}

struct Screen {
    bar: ProgressBar,
    /// Lines beside the bar, or without one.
    told: std::cell::RefCell<String>,
    lines: bool,
    quiet: bool,
}

impl Screen {
    fn new(args: &Args, id: &str) -> Self {
        let terminal = std::io::stderr().is_terminal() && !args.quiet;
        let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(100), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos:>3} % {elapsed:>4}  {wide_msg}") {
            bar.set_style(style);
        }
        if terminal {
            bar.enable_steady_tick(Duration::from_secs(1));
        }
        let screen = Self { bar, told: Default::default(), lines: args.watch, quiet: args.quiet };
        screen.say(id);
        screen
    }

    fn show(&self, job: &Value) {
        let number = |pointer: &str| job.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
        let percent = number("/progress/percent");
        let phase = job.get("phase").and_then(Value::as_str).unwrap_or("");
        let cost = job.pointer("/usage/cost_usd").and_then(Value::as_f64).unwrap_or(0.0);
        let spent = if cost > 0.0 { format!(", ${cost:.4}") } else { String::new() };
        let line = format!(
            "{phase}: round {}, {} queries, {} pages read, {} rejected, {} findings{spent}",
            number("/progress/round"),
            number("/progress/queries"),
            number("/progress/pages_read"),
            number("/progress/pages_rejected"),
            number("/progress/findings"),
        );
        self.bar.set_position(percent);
        self.bar.set_message(line.clone());
        let line = format!("{percent:>3} %  {line}");
        if self.lines && self.told.replace(line.clone()) != line {
            self.say(&line);
        }
    }

    fn say(&self, line: &str) {
        if self.quiet {
            return;
        }
        if self.bar.is_hidden() {
            eprintln!("{line}");
        } else {
            self.bar.println(line);
        }
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}
