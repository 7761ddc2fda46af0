//! Sorting for size: std's sort is compiled anew for every type and comparison, 6 kB each time; here it is compiled once.
//!
//! For lists of some hundred things at most. What is sorted in inner loops, and plain numbers, use std's.

use std::cmp::Ordering;

/// Sorts by a comparison; what is equal keeps its order.
pub(crate) fn sort_by<T>(list: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let places = places(list.len(), &mut |a, b| match (list.get(a), list.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    arrange(places, &mut |a, b| list.swap(a, b));
}

/// Sorts by a key; what has the same keeps its order.
pub(crate) fn sort_by_key<T, K: Ord>(list: &mut [T], mut key: impl FnMut(&T) -> K) {
    sort_by(list, |a, b| key(a).cmp(&key(b)));
}

/// For each of `count` things its place once they are in order.
fn places(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| compare(*a, *b));
    let mut places = vec![0; count];
    for (place, thing) in order.into_iter().enumerate() {
        if let Some(slot) = places.get_mut(thing) {
            *slot = place;
        }
    }
    places
}

/// Brings things to their places; every swap brings one home, so there are fewer swaps than things.
fn arrange(mut places: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for at in 0..places.len() {
        while let Some(&home) = places.get(at)
            && home != at
        {
            swap(at, home);
            places.swap(at, home);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cmp::Reverse;

    proptest! {
        #[test]
        fn lists_end_as_std_sorts_them(list in prop::collection::vec((0_u8..10, any::<u16>()), 0..200)) {
            let (mut ours, mut theirs) = (list.clone(), list);
            sort_by(&mut ours, |a, b| b.0.cmp(&a.0));
            theirs.sort_by_key(|(letter, _)| Reverse(*letter));
            prop_assert_eq!(&ours, &theirs);
            sort_by_key(&mut ours, |(_, number)| Reverse(*number % 7));
            theirs.sort_by_key(|(_, number)| Reverse(*number % 7));
            prop_assert_eq!(ours, theirs);
        }
    }
}
