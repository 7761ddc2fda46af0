//! Pages that were read and are no sources all the same: copies of others, and those of days that nobody asked for.

use crate::job::Job;
use crate::job::event::Reply;
use crate::job::step::StepId;
use crate::page::simhash::is_near;
use crate::research::{PageId, PageRecord};

impl Job {
    /// The answer to a read as it is recorded: a page whose day is known and was not asked for is rejected.
    pub(super) fn within_days(&self, step: StepId, reply: Reply) -> Reply {
        let (StepId::Read(page), Reply::Page(record)) = (step, &reply) else { return reply };
        // Whoever names a page means it.
        if self.start_pages.contains(&page) {
            return reply;
        }
        let today = self.accepted_at.to_date();
        let (published, modified) = (record.published.as_deref(), record.modified.as_deref());
        match self.request.options.refuse(published, modified, &today) {
            Some(reason) => Reply::Rejected { reason },
            None => reply,
        }
    }

    /// The answer to a read as it is recorded: a copy of a page that the job already has is rejected, naming that page.
    pub(super) fn without_copies(&self, step: StepId, reply: Reply) -> Reply {
        let (StepId::Read(page), Reply::Page(record)) = (step, &reply) else { return reply };
        match self.original_of(page, record) {
            Some(original) => Reply::Rejected { reason: format!("The page says the same as {original}.") },
            None => reply,
        }
    }

    /// The address of an accepted page with nearly the same text. Short pages have no fingerprint and must be equal.
    fn original_of(&self, page: PageId, record: &PageRecord) -> Option<&str> {
        let accepted = self.pages.iter().filter(|(id, _)| **id != page && !self.rejected.contains_key(id));
        let same = |other: &PageRecord| {
            (!record.sha256.is_empty() && record.sha256 == other.sha256)
                || record.simhash.zip(other.simhash).is_some_and(|(a, b)| is_near(a, b))
        };
        accepted.map(|(_, other)| other).find(|other| same(other)).map(|other| other.url.as_str())
    }
}
