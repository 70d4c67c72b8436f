//! Records that stay where they are: pages of them, found by number

use alloc::vec::Vec;

/// Records in a page: a power of two, so that finding one is a shift and a mask
const PAGE: usize = 1024;

/// No slot, in the chain of vacant ones
const NONE: u32 = u32::MAX;

/// Records by number; the numbers of those gone are used again
///
/// A page that is not the first is made whole, so more records never move those there are, and never
/// leave more than a page unused. The first grows by doubling: few records cost little. Memory goes back
/// when the highest numbers are gone, but for a page in hand while the one before it is half full: coming
/// and going at the edge of a page costs nothing. Records cost their own size where it has room for a tag (a `bool`, a `NonZero`).
// INVARIANT: every page but the last of those in use is full, and those after it, at most one, are empty;
// the last slot holds a record; the vacant slots are one chain, linked both ways.
#[derive(Clone, Debug)]
pub(crate) struct Pages<T> {
    pages: Vec<Vec<Slot<T>>>,
    /// Slots in use, vacant ones included
    slots: u32,
    held: u32,
    vacant: u32,
}

#[derive(Clone, Debug)]
enum Slot<T> {
    Held(T),
    Vacant { previous: u32, next: u32 },
}

impl<T> Pages<T> {
    pub(crate) const fn new() -> Self {
        Self { pages: Vec::new(), slots: 0, held: 0, vacant: NONE }
    }

    /// Records held
    pub(crate) const fn len(&self) -> usize {
        self.held as usize
    }

    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        match self.slot(number)? {
            Slot::Held(record) => Some(record),
            Slot::Vacant { .. } => None,
        }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        match self.slot_mut(number)? {
            Slot::Held(record) => Some(record),
            Slot::Vacant { .. } => None,
        }
    }

    /// Adds a record, and says which number it has
    ///
    /// Numbers stay below 2^31: as many records would fill more than 60 GiB.
    pub(crate) fn insert(&mut self, record: T) -> u32 {
        self.held = self.held.saturating_add(1);
        let number = self.vacant;
        if number == NONE {
            return self.push(record);
        }
        self.unchain(number);
        if let Some(slot) = self.slot_mut(number) {
            *slot = Slot::Held(record);
        }
        number
    }

    /// Takes a record out
    pub(crate) fn remove(&mut self, number: u32) -> Option<T> {
        let next = self.vacant;
        let slot = self.slot_mut(number)?;
        if matches!(slot, Slot::Vacant { .. }) {
            return None;
        }
        let Slot::Held(record) = core::mem::replace(slot, Slot::Vacant { previous: NONE, next })
        else {
            return None;
        };
        self.set_previous(next, number);
        self.vacant = number;
        self.held = self.held.saturating_sub(1);
        if self.held == 0 {
            *self = Self::new();
        } else {
            self.drop_vacant_end();
        }
        Some(record)
    }

    /// Every record with its number, by rising number
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.pages.iter().flatten().zip(0u32..).filter_map(|(slot, number)| match slot {
            Slot::Held(record) => Some((number, record)),
            Slot::Vacant { .. } => None,
        })
    }

    /// What is wrong with the pages, if anything
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        let used = self.pages.iter().filter(|page| !page.is_empty()).count();
        let full = self.pages.iter().take(used.saturating_sub(1)).all(|page| page.len() == PAGE);
        let slots: usize = self.pages.iter().map(Vec::len).sum();
        if !full || self.pages.len() > used.saturating_add(1) || slots != self.slots as usize {
            return Some("a table's pages are not full up to the last");
        }
        if self.iter().count() != self.len() {
            return Some("a table counts its records wrongly");
        }
        if slots > 0 && self.slots.checked_sub(1).and_then(|last| self.get(last)).is_none() {
            return Some("a table ends with a vacant slot");
        }
        let (mut before, mut at) = (NONE, self.vacant);
        for _ in self.len()..slots {
            match self.slot(at) {
                Some(&Slot::Vacant { previous, next }) if previous == before => {
                    (before, at) = (at, next);
                }
                _ => return Some("a table's vacant slots are not one chain"),
            }
        }
        (at != NONE).then_some("a table's chain of vacant slots does not end")
    }

    #[inline]
    fn slot(&self, number: u32) -> Option<&Slot<T>> {
        let number = number as usize;
        self.pages.get(number / PAGE)?.get(number % PAGE)
    }

    #[inline]
    fn slot_mut(&mut self, number: u32) -> Option<&mut Slot<T>> {
        let number = number as usize;
        self.pages.get_mut(number / PAGE)?.get_mut(number % PAGE)
    }

    fn push(&mut self, record: T) -> u32 {
        let number = self.slots;
        let place = number as usize / PAGE;
        if place == self.pages.len() {
            self.pages.push(if place == 0 { Vec::new() } else { Vec::with_capacity(PAGE) });
        }
        if let Some(page) = self.pages.get_mut(place) {
            if page.len() == page.capacity() {
                // A clone's last page has no room to spare either.
                let rest = PAGE.saturating_sub(page.len()).max(1);
                page.reserve_exact(page.len().clamp(1, rest));
            }
            page.push(Slot::Held(record));
        }
        self.slots = number.saturating_add(1);
        number
    }

    /// Takes a slot out of the chain of vacant ones
    fn unchain(&mut self, number: u32) {
        let Some(&Slot::Vacant { previous, next }) = self.slot(number) else { return };
        match self.slot_mut(previous) {
            Some(Slot::Vacant { next: link, .. }) => *link = next,
            _ => self.vacant = next,
        }
        self.set_previous(next, previous);
    }

    fn set_previous(&mut self, number: u32, to: u32) {
        if let Some(Slot::Vacant { previous, .. }) = self.slot_mut(number) {
            *previous = to;
        }
    }

    /// Gives back the vacant slots above the last record, each of which was once filled
    fn drop_vacant_end(&mut self) {
        while let Some(last) = self.slots.checked_sub(1) {
            if self.get(last).is_some() {
                break;
            }
            self.unchain(last);
            self.slots = last;
            if let Some(page) = self.pages.get_mut(last as usize / PAGE) {
                page.pop();
            }
        }
        let slots = self.slots as usize;
        let in_hand = usize::from(slots % PAGE == 0 || slots % PAGE > PAGE / 2);
        self.pages.truncate(slots.div_ceil(PAGE).saturating_add(in_hand));
        if let [first] = self.pages.as_mut_slice() {
            tighten(first);
        }
        tighten(&mut self.pages);
    }
}

/// Gives room back if three quarters are unused, but for as much as is used
fn tighten<T>(vector: &mut Vec<T>) {
    if vector.len().saturating_mul(4) <= vector.capacity() {
        vector.shrink_to(vector.len().saturating_mul(2));
    }
}

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests"
)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;
    use core::num::NonZeroU32;

    use proptest::prelude::*;

    use super::{PAGE, Pages, Slot};

    #[test]
    fn a_slot_costs_no_more_than_its_record() {
        assert_eq!(size_of::<Slot<(NonZeroU32, [u32; 8])>>(), 36);
        assert_eq!(size_of::<Slot<(bool, [u64; 2])>>(), 24);
    }

    #[test]
    fn few_records_cost_little_and_none_cost_nothing() {
        let mut pages = Pages::new();
        for record in 0..3u64 {
            pages.insert(record);
        }
        assert_eq!(pages.pages[0].capacity(), 4);
        for number in 0..3 {
            pages.remove(number);
        }
        assert_eq!(pages.pages.capacity(), 0);
    }

    #[test]
    fn records_never_move_and_pages_go_back() {
        let size = u32::try_from(PAGE).unwrap();
        let mut pages = Pages::new();
        for record in 0..size {
            pages.insert(record);
        }
        let first = core::ptr::from_ref(pages.get(0).unwrap());
        for record in size..size * 3 {
            pages.insert(record);
        }
        assert_eq!(core::ptr::from_ref(pages.get(0).unwrap()), first);
        assert!(pages.pages.iter().all(|page| page.capacity() == PAGE));
        // Coming and going at the edge of a page keeps one in hand.
        pages.insert(0);
        assert_eq!(pages.pages.len(), 4);
        pages.remove(size * 3);
        assert_eq!(pages.pages.len(), 4);
        for number in (1..size * 3).rev() {
            pages.remove(number);
        }
        assert_eq!((pages.len(), pages.pages.len(), pages.corruption()), (1, 1, None));
        assert_eq!(pages.pages[0].capacity(), 2);
    }

    #[test]
    fn a_clone_grows_no_larger_than_its_original() {
        let mut pages = Pages::new();
        for record in 0..PAGE - 100 {
            pages.insert(record);
        }
        let mut pages = pages.clone();
        for record in 0..101 {
            pages.insert(record);
        }
        assert_eq!(pages.pages[0].capacity(), PAGE);
        assert_eq!(pages.pages[1].len(), 1);
    }

    proptest! {
        #[test]
        fn pages_are_a_map_from_numbers(
            // Phases of so many insertions, then removals of every record with this remainder.
            phases in prop::collection::vec((0usize..2500, 1u32..5, 0u32..5, any::<bool>()), 1..8),
        ) {
            let mut pages = Pages::new();
            let mut naive = BTreeMap::new();
            let mut serial = 0u64;
            for (more, modulus, rest, upward) in phases {
                for _ in 0..more {
                    serial += 1;
                    let number = pages.insert(serial);
                    prop_assert_eq!(naive.insert(number, serial), None);
                }
                prop_assert_eq!(pages.corruption(), None);
                let mut gone: Vec<u32> =
                    naive.keys().copied().filter(|number| number % modulus != rest).collect();
                if upward {
                    gone.reverse();
                }
                for number in gone {
                    prop_assert_eq!(pages.remove(number), naive.remove(&number));
                    prop_assert_eq!(pages.remove(number), None);
                }
                prop_assert_eq!(pages.corruption(), None);
                prop_assert!(pages.iter().eq(naive.iter().map(|(&number, record)| (number, record))));
                prop_assert_eq!(pages.len(), naive.len());
                for (&number, record) in &naive {
                    prop_assert_eq!(pages.get(number), Some(record));
                    prop_assert_eq!(pages.get_mut(number).map(|held| *held), Some(*record));
                }
            }
        }
    }
}
