//! Who has which offset of one subnet family, and in which order of assignment

use core::hash::{Hash, Hasher};

use triomphe::Arc;

use super::index::Ix;
use super::nodes::{Gap, Node, Nodes, Slots};
use super::occupant::{Kind, Occupant, Packed};
use super::prefixes::Prefixes;
use super::seeded::Seeded;
use super::table::{Table, kept_as_they_are};
use crate::id::Revision;
use crate::space::address::Span;
use crate::space::scattered::{Scattered, words_of};

/// Number of a slot: below [`FAR`] an offset, from there on a record of the far table
type Slot = u32;
const FAR: Slot = 1 << 31;
/// Not a slot, in heads and tails
const NONE: Slot = u32::MAX;

/// The addresses that one interface has in one subnet family, in order of assignment; or of one rest
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct List {
    first: Slot,
    last: Slot,
    count: u32,
}

impl List {
    pub(crate) const EMPTY: Self = Self { first: NONE, last: NONE, count: 0 };

    pub(crate) const fn count(&self) -> u32 {
        self.count
    }

    /// A list that leads nowhere
    #[cfg(test)]
    pub(super) const fn of_count(count: u32) -> Self {
        Self { count, ..Self::EMPTY }
    }
}

/// What has an owner, or rests, by itself: an address, or a prefix
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) span: Span,
    pub(crate) is_prefix: bool,
}

impl Unit {
    pub(crate) const fn one(offset: u128) -> Self {
        Self { span: Span::one(offset), is_prefix: false }
    }

    pub(crate) const fn prefix(span: Span) -> Self {
        Self { span, is_prefix: true }
    }

    /// Slots that it takes; a batch tells of several addresses as one
    pub(crate) fn slots(self) -> u128 {
        if self.is_prefix { 1 } else { self.span.count() }
    }
}

/// An offset in the far table, in words: no record is padded for it
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Far([u32; 4]);

kept_as_they_are!(Far);

/// Owners of offsets, found by offset and, through their [`List`]s, by interface, without searching
///
/// Offsets below 2^31 index pages of nodes, and those above are found by their hash. When nobody has anything
/// any more the memory goes back, but for a small page: so an address that comes and goes alone costs no
/// allocation. A clone shares the pages.
///
/// A prefix is one node, in the far table wherever it lies, under its first offset; its last is kept beside.
// INVARIANT: an offset has at most one node, and none if a prefix has it; the nodes of one owner are linked
// into the one list that its holding in this subnet family has, in order of assignment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owners {
    near: Nodes,
    /// There is one only while it has something
    far: Option<Arc<Apart>>,
}

/// What is not near: offsets from 2^31 on, and prefixes
#[derive(Clone, Debug)]
struct Apart {
    table: Table<Far, Node>,
    /// There are some only while there is one
    prefixes: Option<Arc<Prefixes>>,
}

/// What is new about offsets that are assigned
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gain<'a> {
    pub(crate) occupant: Occupant,
    pub(crate) generation: Revision,
    /// Hashes those that are far: who asks for them may wish them to collide
    pub(crate) seeded: &'a Seeded,
}

impl Owners {
    /// Who or what has `offset`, and since which revision
    #[inline]
    pub(crate) fn get(&self, offset: u128) -> Option<(Occupant, Revision)> {
        let node = match self.near_node(offset) {
            Some(node) => node,
            None => self.far_node(offset)?,
        };
        Some((node.occupant.unpack(), node.made_by()))
    }

    /// An offset that is near
    #[inline]
    pub(crate) fn near(offset: u128) -> Option<u32> {
        near_slot(offset)
    }

    /// Whether one occupant has each of some near offsets by itself
    pub(crate) fn are_of(
        &self,
        words: impl Iterator<Item = (u32, u64)>,
        occupant: Occupant,
    ) -> bool {
        self.near.are_of(words, Packed::new(occupant))
    }

    /// The prefix that has `offset`
    #[inline]
    pub(crate) fn prefix_at(&self, offset: u128) -> Option<Span> {
        self.prefixes()?.get(offset)
    }

    /// The prefixes, if there are any
    #[inline]
    pub(crate) fn prefixes(&self) -> Option<&Prefixes> {
        self.far.as_ref()?.prefixes.as_deref()
    }

    /// Gives offsets that nobody has to one owner, at the end of its `list`
    pub(crate) fn extend(
        &mut self,
        list: &mut List,
        spans: impl Iterator<Item = Span>,
        gain: Gain<'_>,
    ) {
        for span in spans {
            let near = self.extend_near(list, span, gain);
            for offset in span.first.saturating_add(near)..=span.last {
                self.push_far(list, offset, gain);
            }
        }
    }

    /// Gives a prefix of which nobody has anything to one owner, at the end of its `list`
    pub(crate) fn extend_prefix(&mut self, list: &mut List, span: Span, gain: Gain<'_>) {
        self.push_far(list, span.first, gain);
        if let Some(far) = &mut self.far {
            let prefixes = Arc::make_mut(far).prefixes.get_or_insert_default();
            Arc::make_mut(prefixes).insert(span, gain.occupant.kind());
        }
    }

    /// Gives near offsets that nobody has to one owner, at the end of its `list`, by whole words
    ///
    /// They must ascend, and end at `last`. Whether all of them are near.
    pub(crate) fn extend_words(
        &mut self,
        list: &mut List,
        offsets: &Scattered,
        last: u128,
        gain: Gain<'_>,
    ) -> bool {
        let mut slots = offsets.numbers();
        let (Some(last), Some(first)) = (near_slot(last), slots.next()) else { return false };
        let node = Node::new(list.last, gain);
        let (mut previous, mut count) = (node.previous, 0u32);
        self.near.fill_words(offsets.iter(), |slot| {
            let node = Node { previous, next: slots.next().map_or(0, link), ..node };
            previous = link(slot);
            count = count.saturating_add(1);
            node
        });
        self.append(list, first, last);
        list.count = list.count.saturating_add(count);
        true
    }

    /// Gives one offset that nobody has to one owner, at the end of its `list`
    #[inline]
    pub(crate) fn extend_one(&mut self, list: &mut List, offset: u128, gain: Gain<'_>) {
        let Some(slot) = near_slot(offset) else { return self.push_far(list, offset, gain) };
        self.near.put(slot, Node::new(list.last, gain));
        self.append(list, slot, slot);
        list.count = list.count.saturating_add(1);
    }

    /// Takes offsets side by side from their one owner, whose `list` they are on
    #[inline]
    pub(crate) fn remove_run(&mut self, list: &mut List, span: Span) {
        match near_slot(span.first) {
            Some(slot) if span.first == span.last => {
                let Some(node) = self.near.remove(slot) else { return };
                list.count = list.count.saturating_sub(1);
                self.close(list, node.gap());
            }
            _ => self.remove(list, core::iter::once(span)),
        }
    }

    /// Takes near offsets from their one owner, whose `list` they are on, by the word
    pub(crate) fn remove_words(
        &mut self,
        list: &mut List,
        words: impl Iterator<Item = (u32, u64)>,
    ) {
        let (mut gap, mut slots) = (Gap::default(), Slots::new(words));
        while let Some(node) = self.near.take(&mut slots, &mut gap, &mut list.count) {
            self.close(list, gap);
            gap = node.gap();
        }
        self.close(list, gap);
    }

    /// What rests: near offsets by the word, and what is far
    pub(crate) fn resting(
        &self,
    ) -> (impl Iterator<Item = (u32, u64)> + '_, impl Iterator<Item = Unit> + '_) {
        let far = self.far.iter().flat_map(|far| {
            let rests = |node: &Node| node.occupant.unpack().kind() == Kind::Resting;
            let resting = far.table.iter().filter(move |(.., node)| rests(node));
            resting.map(|(_, first, _)| far.unit(first.offset()))
        });
        (self.near.words_of_kind(Kind::Resting), far)
    }

    /// Takes near offsets, by the word, and what is far from their owners, of which each loses all that is on its list
    pub(crate) fn clear(&mut self, near: impl Iterator<Item = (u32, u64)>, far: &[Unit]) {
        self.near.clear(near);
        for unit in far {
            // Off a list that nobody keeps: what is left of it goes too.
            let mut list = List::EMPTY;
            self.take_off(&mut list, *unit);
        }
    }

    /// Takes offsets from their one owner, whose `list` they are on
    pub(crate) fn remove(&mut self, list: &mut List, spans: impl Iterator<Item = Span> + Clone) {
        let far = u128::from(FAR);
        let near = Span { first: 0, last: far.wrapping_sub(1) };
        self.remove_words(list, words_of(spans.clone().filter_map(|span| span.overlap(near))));
        let mut gap = Gap::default();
        for span in spans.filter(|span| span.last >= far) {
            for offset in span.first.max(far)..=span.last {
                let Some((slot, node)) = self.take_far(offset) else { continue };
                list.count = list.count.saturating_sub(1);
                if gap.after == link(slot) {
                    gap.after = node.next;
                } else if gap.before == link(slot) {
                    gap.before = node.previous;
                } else {
                    self.close(list, gap);
                    gap = node.gap();
                }
            }
        }
        self.close(list, gap);
        self.drop_far();
    }

    /// Takes a prefix from its owner, whose `list` it is on
    pub(crate) fn remove_prefix(&mut self, list: &mut List, span: Span) {
        let Some((_, node)) = self.take_far(span.first) else { return };
        let Some(far) = self.far.as_mut().map(Arc::make_mut) else { return };
        if let Some(prefixes) = far.prefixes.as_mut().map(Arc::make_mut) {
            prefixes.remove(span, node.occupant.unpack().kind());
            if prefixes.is_empty() {
                far.prefixes = None;
            }
        }
        list.count = list.count.saturating_sub(1);
        self.close(list, node.gap());
        self.drop_far();
    }

    /// Gives what nobody has to one owner, at the end of its `list`
    pub(crate) fn put_on(&mut self, list: &mut List, unit: Unit, gain: Gain<'_>) {
        if unit.is_prefix {
            self.extend_prefix(list, unit.span, gain);
        } else {
            self.extend(list, core::iter::once(unit.span), gain);
        }
    }

    /// Takes what is on a `list` off it: nobody has it
    pub(crate) fn take_off(&mut self, list: &mut List, unit: Unit) {
        if unit.is_prefix {
            self.remove_prefix(list, unit.span);
        } else {
            self.remove(list, core::iter::once(unit.span));
        }
    }

    /// Gives the far table back once there is nothing in it
    fn drop_far(&mut self) {
        if self.far.as_ref().is_some_and(|far| far.table.len() == 0) {
            self.far = None;
        }
    }

    /// Gives an offset that somebody has, or the prefix that begins there, to another occupant, where it is on
    /// its list
    pub(crate) fn turn(&mut self, offset: u128, occupant: Occupant) {
        if let Some(node) = near_slot(offset).and_then(|slot| self.near.get_mut(slot)) {
            node.occupant = Packed::new(occupant);
            return;
        }
        let Some(far) = self.far.as_mut().map(Arc::make_mut) else { return };
        let node = far.table.find(&Far::new(offset)).and_then(|ix| far.table.get_mut(ix));
        let Some(node) = node else { return };
        let before = node.occupant.unpack().kind();
        node.occupant = Packed::new(occupant);
        if let Some(prefixes) = far.prefixes.as_mut().map(Arc::make_mut) {
            prefixes.turn(offset, before, occupant.kind());
        }
    }

    /// What is on `list` and the revisions that assigned it, in order of assignment
    pub(crate) fn iter(&self, list: List) -> impl Iterator<Item = (Unit, Revision)> + '_ {
        self.iter_from(list.first)
    }

    fn iter_from(&self, first: Slot) -> impl Iterator<Item = (Unit, Revision)> + '_ {
        let mut at = first;
        core::iter::from_fn(move || {
            let (unit, node) = match far_ix(at) {
                None => (Unit::one(at.into()), self.near.get(at)?),
                Some(ix) => {
                    let far = self.far.as_ref()?;
                    (far.unit(far.table.id(ix)?.offset()), far.table.get(ix)?)
                }
            };
            at = unlink(node.next);
            Some((unit, node.made_by()))
        })
    }
}

impl Owners {
    /// Whether a list that leads from its first to its last leads back the same way
    pub(crate) fn links_back(&self, list: List) -> bool {
        let (mut at, mut before) = (list.first, NONE);
        while let Some(node) = self.node(at) {
            if unlink(node.previous) != before {
                return false;
            }
            (before, at) = (at, unlink(node.next));
        }
        before == list.last
    }

    /// What is wrong with the owners, given how many nodes lists have, if anything
    pub(crate) fn corruption(&self, listed: usize) -> Option<&'static str> {
        if let Some(what) = self.near.corruption() {
            return Some(what);
        }
        let near = self.near.count();
        let far = self.far.as_ref().map_or(0, |far| far.table.len());
        if near.checked_add(far) != Some(listed) {
            return Some("a subnet has an owned address that is on no interface's list");
        }
        let far = self.far.as_ref()?;
        if far.table.len() == 0 {
            return Some("a table of far addresses has none");
        }
        if far.table.iter().any(|(_, far, _)| self.near_node(far.offset()).is_some()) {
            return Some("an address has two owners");
        }
        let kind = |first: u128| {
            let node = far.table.get(far.table.find(&Far::new(first))?)?;
            Some(node.occupant.unpack().kind())
        };
        let prefixes = far.prefixes.as_ref().and_then(|prefixes| prefixes.corruption(kind));
        prefixes.or_else(|| far.table.corruption())
    }

    /// Gives what is near of a span, from its start on; says how much that is
    fn extend_near(&mut self, list: &mut List, span: Span, gain: Gain<'_>) -> u128 {
        let Some(first) = near_slot(span.first) else { return 0 };
        let last = near_slot(span.last).unwrap_or(FAR.wrapping_sub(1));
        let node = Node::new(list.last, gain);
        if first == last {
            self.near.put(first, node);
        } else {
            // As a link, a slot is the one after it.
            let next = |slot: Slot| slot.wrapping_add(2);
            self.near.fill(first, last, |slot| Node { previous: slot, next: next(slot), ..node });
            if let Some(first) = self.near.get_mut(first) {
                first.previous = node.previous;
            }
            if let Some(last) = self.near.get_mut(last) {
                last.next = node.next;
            }
        }
        self.append(list, first, last);
        let count = link(last.saturating_sub(first));
        list.count = list.count.saturating_add(count);
        count.into()
    }

    #[cold]
    fn push_far(&mut self, list: &mut List, offset: u128, gain: Gain<'_>) {
        let far = self.far.get_or_insert_with(|| {
            Arc::new(Apart { table: Table::new(gain.seeded.clone()), prefixes: None })
        });
        let slot = FAR
            | Arc::make_mut(far)
                .table
                .insert(Far::new(offset), Node::new(list.last, gain))
                .number();
        self.append(list, slot, slot);
        list.count = list.count.saturating_add(1);
    }

    /// Links what begins at `first` and ends at `last` to the end of a list
    fn append(&mut self, list: &mut List, first: Slot, last: Slot) {
        match self.node_mut(list.last) {
            Some(tail) => tail.next = link(first),
            None => list.first = first,
        }
        list.last = last;
    }

    /// Takes the node of a far offset, or of the prefix that begins there, out, still linked
    fn take_far(&mut self, offset: u128) -> Option<(Slot, Node)> {
        let far = self.far.as_mut()?;
        let ix = far.table.find(&Far::new(offset))?;
        Arc::make_mut(far).table.remove(ix).map(|node| (FAR | ix.number(), node))
    }

    /// Links what is before a gap to what is after it
    fn close(&mut self, list: &mut List, gap: Gap) {
        if !gap.open {
            return;
        }
        match self.node_mut(unlink(gap.before)) {
            Some(before) => before.next = gap.after,
            None => list.first = unlink(gap.after),
        }
        match self.node_mut(unlink(gap.after)) {
            Some(after) => after.previous = gap.before,
            None => list.last = unlink(gap.before),
        }
    }

    #[inline]
    fn near_node(&self, offset: u128) -> Option<&Node> {
        self.near.get(near_slot(offset)?)
    }

    fn far_node(&self, offset: u128) -> Option<&Node> {
        let far = self.far.as_ref()?;
        let find = |offset| far.table.find(&Far::new(offset));
        // Most are there by themselves, or nobody's.
        let ix = find(offset).or_else(|| find(far.prefixes.as_ref()?.get(offset)?.first));
        far.table.get(ix?)
    }

    fn node(&self, slot: Slot) -> Option<&Node> {
        match far_ix(slot) {
            None => self.near.get(slot),
            Some(ix) => self.far.as_ref()?.table.get(ix),
        }
    }

    fn node_mut(&mut self, slot: Slot) -> Option<&mut Node> {
        match far_ix(slot) {
            None => self.near.get_mut(slot),
            Some(ix) => Arc::make_mut(self.far.as_mut()?).table.get_mut(ix),
        }
    }
}

impl Apart {
    /// What is had by itself that begins at an offset of the table
    fn unit(&self, first: u128) -> Unit {
        let prefix = self.prefixes.as_ref().and_then(|prefixes| prefixes.starting_at(first));
        prefix.map_or(Unit::one(first), Unit::prefix)
    }
}

impl Node {
    /// A node at the end of a list whose last slot is `previous`
    fn new(previous: Slot, gain: Gain<'_>) -> Self {
        Self {
            occupant: Packed::new(gain.occupant),
            previous: link(previous),
            next: 0,
            generation: halves(gain.generation.get()),
        }
    }

    /// The gap that it leaves in its list
    const fn gap(&self) -> Gap {
        Gap { before: self.previous, after: self.next, open: true }
    }
}

impl Far {
    const fn new(offset: u128) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = offset.to_le_bytes();
        let words = [[a, b, c, d], [e, f, g, h], [i, j, k, l], [m, n, o, p]];
        let [a, b, c, d] = words;
        Self([
            u32::from_le_bytes(a),
            u32::from_le_bytes(b),
            u32::from_le_bytes(c),
            u32::from_le_bytes(d),
        ])
    }

    fn offset(self) -> u128 {
        self.0.iter().rev().fold(0, |bits, &word| (bits << 32) | u128::from(word))
    }
}

impl Hash for Far {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.offset());
    }
}

/// The low and the high half
const fn halves(value: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
    [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]
}

/// The slot of an offset that is near
#[inline]
fn near_slot(offset: u128) -> Option<Slot> {
    Slot::try_from(offset).ok().filter(|&slot| slot < FAR)
}

/// The far record that a slot names, if it names one; [`NONE`] names one that is never there
fn far_ix(slot: Slot) -> Option<Ix<Far>> {
    slot.checked_sub(FAR).map(Ix::from_number)
}

/// A slot as a link: [`NONE`] is 0
const fn link(slot: Slot) -> u32 {
    slot.wrapping_add(1)
}

/// The slot that a link names
const fn unlink(link: u32) -> Slot {
    link.wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::seeded::Seeded;

    #[test]
    fn a_list_that_does_not_lead_back_is_noticed() {
        let seeded = Seeded::new(0);
        let gain = Gain {
            occupant: Occupant::Assigned(Ix::from_number(1)),
            generation: Revision::new(7),
            seeded: &seeded,
        };
        let (mut owners, mut list) = (Owners::default(), List::EMPTY);
        owners.extend(
            &mut list,
            [Span { first: 3, last: 5 }, Span::one(1 << 90)].into_iter(),
            gain,
        );
        assert!(owners.links_back(list));
        let shorter = List { last: 4, ..list };
        assert!(!owners.links_back(shorter));
        if let Some(node) = owners.near.get_mut(4) {
            node.previous = 0;
        }
        assert!(!owners.links_back(list));
    }
}
