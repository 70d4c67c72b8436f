//! Records that never move: found by number, in pages that clones share

use triomphe::{Arc, HeaderSlice};

use crate::shared::radix::Radix;
use crate::shared::sizes::records_of;

/// No slot, in the chain of vacant ones
const NONE: u32 = u32::MAX;

/// Records by number; the numbers of those gone are used again
///
/// A clone shares the pages, and a write copies the page that it touches if a clone has it too. A page that is not
/// the first is made whole, so more records never move those there are, and never leave more than a page unused.
/// The first grows by doubling: few records cost little. Memory goes back when the highest numbers are gone,
/// but for a page in hand while the one before it is half full: coming and going at the edge of a page costs
/// nothing. Records cost their own size where it has room for a tag (a `bool`, a `NonZero`).
// INVARIANT: there is a page for each slot in use, and at most one after those; no slot after those holds a record;
// the vacant slots in use are one chain, linked both ways.
#[derive(Clone, Debug)]
pub(crate) struct Pages<T> {
    pages: Radix<Option<Arc<[Slot<T>]>>>,
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

impl<T> Slot<T> {
    /// A slot that is in no chain
    const UNUSED: Self = Self::Vacant { previous: NONE, next: NONE };
}

impl<T> Pages<T> {
    /// Records in a page: a power of two, so that finding one is a shift and a mask
    const PAGE: u32 = records_of(size_of::<Slot<T>>());
    const SHIFT: u32 = Self::PAGE.trailing_zeros();
    const MASK: u32 = Self::PAGE.wrapping_sub(1);

    pub(crate) const fn new() -> Self {
        Self { pages: Radix::new(), slots: 0, held: 0, vacant: NONE }
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

    /// Every record with its number, by rising number
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let pages = self.pages.iter().filter_map(|(at, page)| Some((at, page.as_deref()?)));
        let slots = pages.flat_map(|(at, page)| ((at << Self::SHIFT)..).zip(page));
        slots.filter_map(|(number, slot)| match slot {
            Slot::Held(record) => Some((number, record)),
            Slot::Vacant { .. } => None,
        })
    }

    /// What is wrong with the pages, if anything
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        let (mut room, mut pages) = (0u32, 0u32);
        for (at, page) in self.pages.iter() {
            let len = page.as_ref().map_or(0, |page| page.len());
            let whole = len == Self::PAGE as usize || at == 0 && len < Self::PAGE as usize;
            if at != pages || !whole {
                return Some("a table's pages are not whole, one after the other");
            }
            room = room.saturating_add(u32::try_from(len).unwrap_or(u32::MAX));
            pages = pages.saturating_add(1);
        }
        if room < self.slots || pages > self.slots.div_ceil(Self::PAGE).saturating_add(1) {
            return Some("a table's pages are not as many as its slots need");
        }
        if self.iter().count() != self.len() || self.iter().any(|(at, _)| at >= self.slots) {
            return Some("a table counts its records wrongly");
        }
        let (mut before, mut at) = (NONE, self.vacant);
        for _ in self.held..self.slots {
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
        let (page, at) = Self::place(number);
        self.pages.get(page)?.as_ref()?.get(at)
    }

    /// The page of a slot, and where in it that is
    #[inline]
    const fn place(number: u32) -> (u32, usize) {
        (number >> Self::SHIFT, (number & Self::MASK) as usize)
    }
}

impl<T: Clone> Pages<T> {
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

    #[inline]
    fn slot_mut(&mut self, number: u32) -> Option<&mut Slot<T>> {
        let (page, at) = Self::place(number);
        let page = self.pages.existing_mut(page)?.as_mut()?;
        if !page.is_unique() {
            return copied_slot(page, at);
        }
        Arc::get_mut(page)?.get_mut(at)
    }

    fn push(&mut self, record: T) -> u32 {
        let number = self.slots;
        let (place, at) = Self::place(number);
        let page = self.pages.get_mut(place);
        let room = page.as_ref().map_or(0, |page| page.len());
        if at >= room {
            let more = if place == 0 { room.saturating_mul(2).max(1) } else { usize::MAX };
            *page = Some(copy(page.as_deref().unwrap_or(&[]), more.min(Self::PAGE as usize)));
        }
        if let Some(slot) = page.as_mut().and_then(own).and_then(|page| page.get_mut(at)) {
            *slot = Slot::Held(record);
        }
        self.slots = number.saturating_add(1);
        number
    }

    /// Whether a slot, if it is one, can be changed without a copy
    fn is_own(&self, number: u32) -> bool {
        let (page, _) = Self::place(number);
        let Some(Some(slots)) = self.pages.get(page) else { return true };
        slots.is_unique() && self.pages.is_own(page)
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

    /// Gives back the vacant slots above the last record, each of which was once filled; of those beside which a
    /// clone shares pages only a few at a time, so that not all of these are copied
    fn drop_vacant_end(&mut self) {
        let before = self.slots;
        let mut shared = 0u32;
        while let Some(last) = self.slots.checked_sub(1) {
            let Some(&Slot::Vacant { previous, next }) = self.slot(last) else { break };
            if !(self.is_own(previous) && self.is_own(next)) {
                shared = shared.saturating_add(1);
                if shared > DROPPED {
                    break;
                }
            }
            self.unchain(last);
            self.slots = last;
        }
        if before == self.slots {
            return;
        }
        let rest = self.slots & Self::MASK;
        let in_hand = u32::from(rest == 0 || rest > Self::PAGE / 2);
        let kept = self.slots.div_ceil(Self::PAGE).saturating_add(in_hand);
        // There is at most one more than those that had slots.
        for gone in kept..before.div_ceil(Self::PAGE).saturating_add(1) {
            self.pages.take(gone);
        }
        let few = self.slots as usize;
        if let (true, Some(Some(page))) = (kept <= 1, self.pages.existing_mut(0)) {
            // Three quarters are unused, but for as much as is used.
            if few.saturating_mul(4) <= page.len() {
                *page = copy(page, few.saturating_mul(2));
            }
        }
    }
}

/// Most vacant slots that one removal gives back beside shared pages; it makes one, so that what is left of them goes
/// with the next ones
const DROPPED: u32 = 2;

/// The slots of a page to be changed, copied if a clone has them too
#[inline]
fn own<T: Clone>(page: &mut Arc<[Slot<T>]>) -> Option<&mut [Slot<T>]> {
    if !page.is_unique() {
        *page = copy(page, page.len());
    }
    Arc::get_mut(page)
}

/// A slot of a page that a clone has too: out of the way, so that a write in place keeps no register for it
#[cold]
#[inline(never)]
fn copied_slot<T: Clone>(page: &mut Arc<[Slot<T>]>, at: usize) -> Option<&mut Slot<T>> {
    own(page)?.get_mut(at)
}

/// A page with room for so many, in which what another has room for is as there
#[cold]
#[inline(never)]
fn copy<T: Clone>(page: &[Slot<T>], room: usize) -> Arc<[Slot<T>]> {
    let slots = (0..room).map(|at| page.get(at).cloned().unwrap_or(Slot::UNUSED));
    Arc::from(Arc::<HeaderSlice<(), [_]>>::from_header_and_iter((), slots))
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, clippy::unwrap_used, reason = "tests")]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;
    use core::num::NonZeroU32;

    use proptest::prelude::*;

    use super::{Pages, Slot};

    const PAGE: u32 = Pages::<u64>::PAGE;

    /// Slots that each page has room for
    fn rooms<T>(pages: &Pages<T>) -> Vec<usize> {
        pages.pages.iter().map(|(_, page)| page.as_ref().unwrap().len()).collect()
    }

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
        assert_eq!(rooms(&pages), [4]);
        for number in 0..3 {
            pages.remove(number);
        }
        assert!(rooms(&pages).is_empty());
    }

    #[test]
    fn records_never_move_and_pages_go_back() {
        let mut pages = Pages::new();
        for record in 0..u64::from(PAGE) {
            pages.insert(record);
        }
        let first = core::ptr::from_ref(pages.get(0).unwrap());
        for _ in PAGE..PAGE * 3 {
            pages.insert(1);
        }
        assert_eq!(core::ptr::from_ref(pages.get(0).unwrap()), first);
        assert_eq!(rooms(&pages), [PAGE as usize; 3]);
        // Coming and going at the edge of a page keeps one in hand.
        pages.insert(0);
        assert_eq!(rooms(&pages).len(), 4);
        pages.remove(PAGE * 3);
        assert_eq!(rooms(&pages).len(), 4);
        for number in (1..PAGE * 3).rev() {
            pages.remove(number);
        }
        assert_eq!((pages.len(), pages.corruption()), (1, None));
        assert_eq!(rooms(&pages), [2]);
    }

    #[test]
    fn a_write_copies_one_page() {
        let mut pages = Pages::new();
        for record in 0..u64::from(PAGE) * 3 {
            pages.insert(record);
        }
        let before = pages.clone();
        *pages.get_mut(PAGE).unwrap() = 7;
        let own = |pages: &Pages<u64>| -> Vec<_> {
            (0..3).map(|page| core::ptr::from_ref(pages.get(page * PAGE).unwrap())).collect()
        };
        let same: Vec<bool> = own(&pages).iter().zip(own(&before)).map(|(a, b)| *a == b).collect();
        assert_eq!(same, [true, false, true]);
        // What no clone has is written in place.
        let mine = own(&pages);
        *pages.get_mut(PAGE).unwrap() = 8;
        assert_eq!(own(&pages), mine);
        assert_eq!(before.get(PAGE), Some(&PAGE.into()));
    }

    proptest! {
        #[test]
        fn pages_are_a_map_from_numbers(
            // Phases of so many insertions, then removals of every record with this remainder.
            phases in prop::collection::vec((0usize..2500, 1u32..5, 0u32..5, any::<bool>()), 1..8),
        ) {
            let mut pages = Pages::new();
            let mut naive = BTreeMap::new();
            let mut clones = Vec::new();
            let mut serial = 0u64;
            for (more, modulus, rest, upward) in phases {
                for _ in 0..more {
                    serial += 1;
                    let number = pages.insert(serial);
                    prop_assert_eq!(naive.insert(number, serial), None);
                }
                prop_assert_eq!(pages.corruption(), None);
                clones.push((pages.clone(), naive.clone()));
                let mut gone: Vec<u32> =
                    naive.keys().copied().filter(|number| number % modulus != rest).collect();
                if upward {
                    gone.reverse();
                }
                for number in gone {
                    prop_assert_eq!(pages.remove(number), naive.remove(&number));
                    prop_assert_eq!(pages.remove(number), None);
                }
                for number in naive.keys().copied().step_by(3).collect::<Vec<_>>() {
                    serial += 1;
                    *pages.get_mut(number).unwrap() = serial;
                    naive.insert(number, serial);
                }
                clones.push((pages.clone(), naive.clone()));
            }
            for (mut pages, naive) in clones {
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
