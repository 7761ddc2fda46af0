//! Copying a job up to the end of one of its rounds: the copy goes on from there on its own.

use crate::job::budget::{Spend, Tokens};
use crate::job::event::{Event, Reply};
use crate::research::PageId;
use thiserror::Error;

/// Why a job cannot be copied there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ForkError {
    /// The round is still open, or never was.
    #[error("round {round} is not closed: the job has closed {closed} so far")]
    NotClosed {
        /// Asked for.
        round: u32,
        /// The last one that is.
        closed: u32,
    },
}

/// The facts between acceptance and the end of `round`, for the journal of a copy. They cost the copy nothing, and whose
/// baseline or predecessor the job had is its own affair.
pub fn prefix(journal: Vec<Event>, round: u32) -> Result<Vec<Event>, ForkError> {
    let closes = |e: &Event| matches!(e, Event::RoundClosed { round: r, .. } if *r == round);
    let Some(end) = journal.iter().position(closes) else {
        let closed = journal.iter().filter_map(|e| match e {
            Event::RoundClosed { round, .. } => Some(*round),
            _ => None,
        });
        return Err(ForkError::NotClosed { round, closed: closed.max().unwrap_or(0) });
    };
    let kept = journal.into_iter().take(end.saturating_add(1)).skip(1);
    Ok(kept.filter_map(costless).collect())
}

/// The pages whose texts go with such facts.
#[must_use]
pub fn pages(facts: &[Event]) -> Vec<PageId> {
    let mut pages = Vec::new();
    for fact in facts {
        match fact {
            Event::StepSucceeded {
                step: crate::job::step::StepId::Read(page),
                reply: Reply::Page(_),
                ..
            } => {
                pages.push(*page);
            }
            Event::Inherited { pages: inherited, .. } => pages.extend(inherited.iter().map(|p| p.chosen.id)),
            _ => {}
        }
    }
    pages
}

fn costless(fact: Event) -> Option<Event> {
    Some(match fact {
        Event::Accepted { .. }
        | Event::Forked { .. }
        | Event::BaselineRecalled { .. }
        | Event::TimeSkipped { .. } => {
            return None;
        }
        Event::StepStarted { step, attempt, analyst, deadline_at, at, .. } => {
            Event::StepStarted { step, attempt, analyst, reserved: Spend::default(), deadline_at, at }
        }
        Event::StepSucceeded { step, attempt, mut reply, at, .. } => {
            match &mut reply {
                Reply::Evidence(evidence) => evidence.tokens = Tokens::default(),
                Reply::Thought { tokens, .. } => *tokens = Tokens::default(),
                Reply::Page(page) => page.bytes = 0,
                Reply::Hits { .. } | Reply::Rejected { .. } => {}
            }
            Event::StepSucceeded { step, attempt, reply, at, settled: None }
        }
        Event::StepRetried {
            step,
            attempt,
            cause,
            failed,
            retry_at,
            analyst,
            at,
            throttled,
            declined,
            ..
        } => Event::StepRetried {
            step,
            attempt,
            cause,
            failed,
            retry_at,
            analyst,
            at,
            settled: None,
            throttled,
            declined,
            wasted: Tokens::default(),
        },
        Event::StepFailed { step, attempt, cause, at, refused, unasked, .. } => {
            Event::StepFailed { step, attempt, cause, at, settled: None, refused, unasked }
        }
        other => other,
    })
}
