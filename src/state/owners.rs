//! Who has which offset of one subnet family, and in which order of assignment

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::interface::Interface;
use super::table::Ix;
use crate::id::Revision;
use crate::space::window_for;

/// One assignment: a link in its interface's list
///
/// Links name slots, and count from 1 so that zeroed memory is vacant: 20 bytes a slot.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    /// Number of the owner's index plus 1; 0 is vacant
    owner: u32,
    previous: u32,
    next: u32,
    generation: [u32; 2],
}

/// Number of a slot: below [`FAR`] an offset, from there on a place in `far`
type Slot = u32;
const FAR: Slot = 1 << 31;
/// Not a slot, in heads and tails and in links that end
const NONE: Slot = u32::MAX;

/// The addresses that one interface has in one subnet family, in order of assignment
#[derive(Clone, Copy, Debug)]
pub(crate) struct List {
    first: Slot,
    last: Slot,
    count: u64,
}

impl List {
    pub(crate) const EMPTY: Self = Self { first: NONE, last: NONE, count: 0 };

    pub(crate) const fn count(&self) -> u64 {
        self.count
    }
}

/// Owners of offsets, found by offset and, through their [`List`]s, by interface, without searching
///
/// Offsets near the bottom index a table that widens as it fills, like the bitmap of
/// [`Space`](crate::space::Space); those far above what is in use are kept apart. Memory is given back
/// when nobody has anything any more.
// INVARIANT: an offset has at most one node; the nodes of one owner are linked into the one list that
// its holding in this subnet family has, in order of assignment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owners {
    near: Vec<Node>,
    far: Vec<(u128, Node)>,
    far_slots: BTreeMap<u128, Slot>,
    far_vacant: Vec<Slot>,
    count: u64,
}

impl Owners {
    /// Who has `offset`, and since which revision
    pub(crate) fn get(&self, offset: u128) -> Option<(Ix<Interface>, Revision)> {
        let node = self.node(self.slot_of(offset)?)?;
        Some((Ix::from_number(node.owner.checked_sub(1)?), node.made_by()))
    }

    /// Addresses that have an owner
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// Makes the near table reach `last`, if that is not far above what is in use: `used` with it
    pub(crate) fn reach(&mut self, last: u128, used: u128) {
        if let Some(room) = window_for(last, used).filter(|&room| room > self.near.len()) {
            self.near.resize(room, Node::default());
        }
    }

    /// Gives an offset that nobody has to `owner`, at the end of its `list`
    pub(crate) fn push(
        &mut self,
        list: &mut List,
        offset: u128,
        owner: Ix<Interface>,
        generation: Revision,
    ) {
        self.count = self.count.saturating_add(1);
        let made = generation.get();
        let node = Node {
            owner: owner.number().wrapping_add(1),
            previous: link(list.last),
            next: 0,
            generation: halves(made),
        };
        let slot = self.place(offset, node);
        match self.node_mut(list.last) {
            Some(last) => last.next = link(slot),
            None => list.first = slot,
        }
        list.last = slot;
        list.count = list.count.saturating_add(1);
    }

    /// Takes an offset from its owner, whose `list` it is on
    pub(crate) fn remove(&mut self, list: &mut List, offset: u128) {
        let Some(slot) = self.slot_of(offset) else { return };
        let Some(node) = self.node(slot) else { return };
        let (previous, next) = (unlink(node.previous), unlink(node.next));
        match self.node_mut(previous) {
            Some(before) => before.next = node.next,
            None => list.first = next,
        }
        match self.node_mut(next) {
            Some(after) => after.previous = node.previous,
            None => list.last = previous,
        }
        self.vacate(slot, offset);
        list.count = list.count.saturating_sub(1);
        self.count = self.count.saturating_sub(1);
        if self.count == 0 {
            *self = Self::default();
        }
    }

    /// The offsets on `list` and the revisions that assigned them, in order of assignment
    pub(crate) fn iter(&self, list: List) -> impl Iterator<Item = (u128, Revision)> + '_ {
        let mut at = list.first;
        core::iter::from_fn(move || {
            let offset = match far_place(at) {
                None => u128::from(at),
                Some(place) => self.far.get(place)?.0,
            };
            let node = self.node(at)?;
            at = unlink(node.next);
            Some((offset, node.made_by()))
        })
    }

    fn slot_of(&self, offset: u128) -> Option<Slot> {
        let near = Slot::try_from(offset).ok();
        match near.filter(|&slot| self.near_node(slot).is_some_and(|node| node.owner != 0)) {
            None if self.far_slots.is_empty() => None,
            None => self.far_slots.get(&offset).copied(),
            near => near,
        }
    }

    fn place(&mut self, offset: u128, node: Node) -> Slot {
        let near = Slot::try_from(offset).ok().filter(|&slot| slot < FAR);
        if let Some((slot, place)) =
            near.and_then(|slot| Some((slot, self.near.get_mut(slot as usize)?)))
        {
            *place = node;
            return slot;
        }
        let slot = self.far_vacant.pop().unwrap_or_else(|| {
            self.far.push((offset, Node::default()));
            // 2^31 nodes of 48 bytes would fill 96 GiB before their number could wrap.
            FAR | Slot::try_from(self.far.len().saturating_sub(1)).unwrap_or(Slot::MAX)
        });
        if let Some(place) = far_place(slot).and_then(|place| self.far.get_mut(place)) {
            *place = (offset, node);
        }
        self.far_slots.insert(offset, slot);
        slot
    }

    fn vacate(&mut self, slot: Slot, offset: u128) {
        if let Some(node) = self.node_mut(slot) {
            *node = Node::default();
        }
        if far_place(slot).is_some() {
            self.far_slots.remove(&offset);
            self.far_vacant.push(slot);
        }
    }

    fn near_node(&self, slot: Slot) -> Option<&Node> {
        self.near.get(slot as usize)
    }

    fn node(&self, slot: Slot) -> Option<Node> {
        match far_place(slot) {
            None => self.near_node(slot).copied(),
            Some(place) => self.far.get(place).map(|&(_, node)| node),
        }
    }

    fn node_mut(&mut self, slot: Slot) -> Option<&mut Node> {
        match far_place(slot) {
            None => self.near.get_mut(slot as usize),
            Some(place) => self.far.get_mut(place).map(|(_, node)| node),
        }
    }
}

impl Node {
    fn made_by(self) -> Revision {
        let [low, high] = self.generation;
        Revision::new(u64::from(low) | (u64::from(high) << 32))
    }
}

/// The low and the high half
const fn halves(value: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
    [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]
}

/// The place in `far` that a slot names, if it names one; [`NONE`] names one that is never there
fn far_place(slot: Slot) -> Option<usize> {
    slot.checked_sub(FAR).map(|place| place as usize)
}

/// A slot as a link: [`NONE`] is 0
const fn link(slot: Slot) -> u32 {
    slot.wrapping_add(1)
}

/// The slot that a link names
const fn unlink(link: u32) -> Slot {
    link.wrapping_sub(1)
}
