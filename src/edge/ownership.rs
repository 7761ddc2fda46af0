//! Which jobs the callers of this isolate were seen to own, so that a poller's account is not asked at every look.

use std::cell::RefCell;
use std::collections::BTreeSet;

/// Pairs remembered: about 110 bytes each, hence half a megabyte. When it is full it begins anew, which costs each poller
/// one question.
const PAIRS_MAX: usize = 4_096;

thread_local! {
    static OWNED: RefCell<BTreeSet<(String, String)>> = const { RefCell::new(BTreeSet::new()) };
}

/// The owner has the job. Stays true: ids are never given again, and a deleted job's object says that it is gone.
pub fn remember(owner: &str, id: &str) {
    OWNED.with(|owned| {
        let mut owned = owned.borrow_mut();
        if owned.len() >= PAIRS_MAX {
            owned.clear();
        }
        owned.insert((owner.to_owned(), id.to_owned()));
    });
}

/// Whether the owner was seen to have the job.
pub fn is_known(owner: &str, id: &str) -> bool {
    OWNED.with(|owned| owned.borrow().contains(&(owner.to_owned(), id.to_owned())))
}

/// The job was deleted.
pub fn forget(owner: &str, id: &str) {
    OWNED.with(|owned| owned.borrow_mut().remove(&(owner.to_owned(), id.to_owned())));
}
