//! The nodes of owners' lists, one for each offset in use: by slot, in pages that clones share

use triomphe::Arc;

use super::occupant::{Kind, Packed};
use crate::id::Revision;
use crate::shared::own::own;
use crate::shared::radix::{Link, Radix};
use crate::shared::sizes::{NODE_BITS, NODES, THIN_NODES};

/// An address that somebody has, or that rests: a link in the list of its interface, or of its rest
///
/// A link is a slot plus 1, and 0 where the list ends. 20 bytes, and a vacant place is no larger.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) occupant: Packed,
    pub(super) previous: u32,
    pub(super) next: u32,
    pub(super) generation: [u32; 2],
}

impl Node {
    pub(super) fn made_by(&self) -> Revision {
        let [low, high] = self.generation;
        Revision::new(u64::from(low) | (u64::from(high) << 32))
    }
}

/// Nodes by slot
///
/// Of a page with few nodes only those are there, each with its place; one with more than a quarter of its places
/// taken has them all. So memory follows what is used, wherever that lies. The first page may stay when it has
/// nothing any more, and so may the one after a page that has something: an address that comes and goes there
/// costs no allocation.
// INVARIANT: a page that has nothing is the first, or the one before it has something.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    pages: Radix<Page>,
}

/// The nodes of neighbouring slots: a few with their places, in no order, or a place for each
#[derive(Clone, Debug, Default)]
enum Page {
    #[default]
    Absent,
    Of1(Arc<Thin<1>>),
    Of2(Arc<Thin<2>>),
    Of4(Arc<Thin<4>>),
    Of8(Arc<Thin<8>>),
    Of16(Arc<Thin<16>>),
    Of32(Arc<Thin<32>>),
    Dense(Arc<Dense>),
}

/// Room for a few nodes
// INVARIANT: there is a node where there is a place, and no place is there twice.
#[derive(Clone, Debug)]
struct Thin<const ROOM: usize> {
    places: [u8; ROOM],
    nodes: [Option<Node>; ROOM],
}

/// No place
const VACANT: u8 = u8::MAX;

// INVARIANT: `count` is that of the nodes.
#[derive(Clone, Debug)]
struct Dense {
    count: u32,
    nodes: [Option<Node>; NODES],
}

/// A link of a list that a removal takes nodes out of: what is before those, and what is after them
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gap {
    pub(super) before: u32,
    pub(super) after: u32,
    /// Whether there is one
    pub(super) open: bool,
}

impl Nodes {
    #[inline]
    pub(super) fn get(&self, slot: u32) -> Option<&Node> {
        self.pages.get(slot >> NODE_BITS)?.get(place(slot))
    }

    #[inline]
    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut Node> {
        self.pages.existing_mut(slot >> NODE_BITS)?.get_mut(place(slot))
    }

    /// Puts a node into a vacant slot
    #[inline]
    pub(super) fn put(&mut self, slot: u32, node: Node) {
        match self.pages.existing_mut(slot >> NODE_BITS) {
            Some(page) => page.insert(place(slot), node),
            None => self.put_apart(slot, node),
        }
    }

    /// Puts a node where there is no place for its page yet
    #[cold]
    #[inline(never)]
    fn put_apart(&mut self, slot: u32, node: Node) {
        self.pages.get_mut(slot >> NODE_BITS).insert(place(slot), node);
    }

    /// Takes out the node of a slot
    #[inline]
    pub(super) fn remove(&mut self, slot: u32) -> Option<Node> {
        let number = slot >> NODE_BITS;
        let page = self.pages.existing_mut(number)?;
        let node = page.take(place(slot))?;
        if page.settle() {
            self.vacated(number);
        }
        Some(node)
    }

    /// Puts nodes into the vacant slots from `first` to `last`
    pub(super) fn fill(&mut self, first: u32, last: u32, node: impl Fn(u32) -> Node) {
        let mut slot = first;
        loop {
            let end = last.min(slot | PLACE);
            self.pages.get_mut(slot >> NODE_BITS).fill(slot, end, &node);
            match end.checked_add(1) {
                Some(next) if next <= last => slot = next,
                _ => break,
            }
        }
    }

    /// Puts nodes into vacant slots that ascend: those of the set bits of words of 64
    pub(super) fn fill_words(
        &mut self,
        words: impl Iterator<Item = (u32, u64)>,
        mut node: impl FnMut(u32) -> Node,
    ) {
        let mut slots = Slots::new(words);
        while let Some((number, word, bits)) = slots.next_part() {
            let page = self.pages.get_mut(number);
            page.make_room(bits.count_ones() as usize);
            let mut part = slots_of(word, bits);
            if let Page::Dense(dense) = page {
                let dense = Arc::make_mut(dense);
                dense.count = dense.count.saturating_add(bits.count_ones());
                for slot in part.by_ref() {
                    if let Some(vacant) = dense.nodes.get_mut(place(slot)) {
                        *vacant = Some(node(slot));
                    }
                }
            }
            part.for_each(|slot| page.insert(place(slot), node(slot)));
        }
    }

    /// Whether each of some slots has a node of this occupant
    pub(super) fn are_of(&self, words: impl Iterator<Item = (u32, u64)>, occupant: Packed) -> bool {
        let is = |node: Option<&Node>| node.is_some_and(|node| node.occupant == occupant);
        let mut slots = Slots::new(words);
        while let Some((number, word, bits)) = slots.next_part() {
            let fits = match self.pages.get(number) {
                None => false,
                Some(Page::Dense(dense)) => {
                    slots_of(word, bits).all(|slot| is(dense.get(place(slot))))
                }
                Some(page) => slots_of(word, bits).all(|slot| is(page.get(place(slot)))),
            };
            if !fits {
                return false;
            }
        }
        true
    }

    /// Takes the nodes of slots out as far as they lie beside the gap of their list, which widens
    ///
    /// Tells of the first that does not, which is out too.
    pub(super) fn take(
        &mut self,
        slots: &mut Slots<impl Iterator<Item = (u32, u64)>>,
        gap: &mut Gap,
        count: &mut u32,
    ) -> Option<Node> {
        while let Some((number, word, mut bits)) = slots.next_part() {
            let Some(page) = self.pages.existing_mut(number) else { continue };
            let apart = match page {
                Page::Dense(dense) => own(dense)
                    .and_then(|dense| widen(word, &mut bits, gap, count, |at| dense.take(at))),
                _ => widen(word, &mut bits, gap, count, |at| page.take(at)),
            };
            slots.put_back(bits);
            if slots.page() != Some(number) && page.settle() {
                self.vacated(number);
            }
            if apart.is_some() {
                return apart;
            }
        }
        None
    }

    /// The slots whose nodes have an occupant of some kind, by the word
    pub(super) fn words_of_kind(&self, kind: Kind) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.pages.iter().flat_map(move |(number, page)| {
            let mut parts = [0u64; PARTS];
            for (place, node) in page.iter() {
                if node.occupant.unpack().kind() == kind {
                    // A page of a tiny build begins within a word.
                    let at = place | ((number << NODE_BITS) & 63) as usize;
                    if let Some(part) = parts.get_mut(place / 64) {
                        *part |= 1 << (at % 64);
                    }
                }
            }
            let first = (number << NODE_BITS) >> 6;
            (first..).zip(parts).filter(|&(_, bits)| bits != 0)
        })
    }

    /// Takes the nodes of slots out, whose lists are gone: no link is followed, and no page is copied that loses all
    pub(super) fn clear(&mut self, words: impl Iterator<Item = (u32, u64)>) {
        let mut slots = Slots::new(words);
        while let Some(number) = slots.page() {
            let mut parts = [(0, 0); PARTS];
            for part in &mut parts {
                if slots.page() == Some(number) {
                    *part = slots.next_part().map_or((0, 0), |(_, word, bits)| (word, bits));
                }
            }
            let gone = parts.iter().map(|(_, bits)| bits.count_ones()).fold(0, u32::saturating_add);
            let Some(page) = self.pages.existing_mut(number) else { continue };
            if page.count() == gone as usize {
                *page = page.resized(0);
            } else {
                let slots = parts.iter().flat_map(|&(word, bits)| slots_of(word, bits));
                for slot in slots {
                    page.take(place(slot));
                }
            }
            if page.settle() {
                self.vacated(number);
            }
        }
    }

    /// Nodes held
    pub(super) fn count(&self) -> usize {
        self.pages.iter().fold(0, |sum, (_, page)| sum.saturating_add(page.count()))
    }

    /// What is wrong with the pages, if anything
    pub(super) fn corruption(&self) -> Option<&'static str> {
        let mut before = None;
        for (number, page) in self.pages.iter() {
            if let Some(what) = page.corruption() {
                return Some(what);
            }
            let kept = number == 0 || before == number.checked_sub(1);
            if page.count() == 0 && !kept {
                return Some("a page of owners is kept that has none");
            }
            before = (page.count() > 0).then_some(number);
        }
        None
    }

    /// Gives a page that has nothing any more back, or most of it if it may stay; and the one after it
    #[cold]
    fn vacated(&mut self, number: u32) {
        let is_vacant = |page: &Page| page.count() == 0;
        let next = number.saturating_add(1);
        if self.pages.get(next).is_some_and(is_vacant) {
            self.pages.take(next);
        }
        let before = number.checked_sub(1).map(|before| self.pages.get(before));
        if before.is_none_or(|page| page.is_some_and(|page| !is_vacant(page))) {
            let page = self.pages.get_mut(number);
            if !matches!(page, Page::Of1(_)) {
                *page = page.resized(0);
            }
        } else {
            self.pages.take(number);
        }
    }
}

/// Takes the nodes of slots out, which are bits of a word, as far as they lie beside a gap; the first that does not is
/// out too, and what is left of the bits comes after it
#[inline]
fn widen(
    word: u32,
    bits: &mut u64,
    gap: &mut Gap,
    count: &mut u32,
    mut take: impl FnMut(usize) -> Option<Node>,
) -> Option<Node> {
    while *bits != 0 {
        let slot = word | bits.trailing_zeros();
        *bits &= bits.wrapping_sub(1);
        let Some(node) = take(place(slot)) else { continue };
        *count = count.saturating_sub(1);
        // As a link, a slot is the one after it.
        let link = slot.wrapping_add(1);
        if gap.after == link {
            gap.after = node.next;
        } else if gap.before == link {
            gap.before = node.previous;
        } else {
            return Some(node);
        }
    }
    None
}

/// The slots that are bits of a word, whose first slot is `word`
#[inline]
fn slots_of(word: u32, bits: u64) -> impl Iterator<Item = u32> {
    let mut bits = bits;
    core::iter::from_fn(move || {
        let slot = (bits != 0).then(|| word | bits.trailing_zeros());
        bits &= bits.wrapping_sub(1);
        slot
    })
}

/// Slots by the set bits of words of 64, as far as they are still to be met
pub(super) struct Slots<W> {
    words: W,
    /// The first slot of the word at hand
    word: u32,
    /// What is left of it
    bits: u64,
}

impl<W: Iterator<Item = (u32, u64)>> Slots<W> {
    pub(super) const fn new(words: W) -> Self {
        Self { words, word: 0, bits: 0 }
    }

    /// The page of the next one
    #[inline]
    fn page(&mut self) -> Option<u32> {
        while self.bits == 0 {
            let (word, bits) = self.words.next()?;
            (self.word, self.bits) = (word << 6, bits);
        }
        Some((self.word | self.bits.trailing_zeros()) >> NODE_BITS)
    }

    /// The next ones of one page and one word: the page, the word's first slot, and their bits
    #[inline]
    fn next_part(&mut self) -> Option<(u32, u32, u64)> {
        let page = self.page()?;
        let of_page = OF_PAGE << ((page << NODE_BITS) & 63);
        let part = self.bits & of_page;
        self.bits &= !of_page;
        Some((page, self.word, part))
    }

    /// Has bits of the part that came last still to be met
    #[inline]
    const fn put_back(&mut self, bits: u64) {
        self.bits |= bits;
    }
}

/// The bits of a slot that are its place in a page
const PLACE: u32 = (1u32 << NODE_BITS).wrapping_sub(1);

/// Words of 64 slots that have slots of one page
const PARTS: usize = NODES.div_ceil(64);

/// The bits of a word that belong to its first page: of a tiny build it has several
const OF_PAGE: u64 = if NODES < 64 { !(u64::MAX << (NODES & 63)) } else { u64::MAX };

#[inline]
const fn place(slot: u32) -> usize {
    (slot & PLACE) as usize
}

impl Link for Page {
    #[inline]
    fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<const ROOM: usize> Thin<ROOM> {
    fn of(nodes: impl Iterator<Item = (usize, Node)>) -> Arc<Self> {
        let mut thin = Self { places: [VACANT; ROOM], nodes: [None; ROOM] };
        let room = thin.places.iter_mut().zip(&mut thin.nodes);
        for ((place, vacant), (at, node)) in room.zip(nodes) {
            (*place, *vacant) = (place_number(at), Some(node));
        }
        Arc::new(thin)
    }

    #[inline]
    fn parts(&self) -> (&[u8], &[Option<Node>]) {
        (&self.places, &self.nodes)
    }
}

impl Dense {
    fn of(nodes: impl Iterator<Item = (usize, Node)>) -> Arc<Self> {
        let mut dense = Self { count: 0, nodes: [None; NODES] };
        for (place, node) in nodes {
            dense.insert(place, node);
        }
        Arc::new(dense)
    }

    #[inline]
    fn get(&self, place: usize) -> Option<&Node> {
        self.nodes.get(place)?.as_ref()
    }

    #[inline]
    fn insert(&mut self, place: usize, node: Node) {
        let Some(vacant) = self.nodes.get_mut(place) else { return };
        if vacant.replace(node).is_none() {
            self.count = self.count.saturating_add(1);
        }
    }

    #[inline]
    fn take(&mut self, place: usize) -> Option<Node> {
        let node = self.nodes.get_mut(place)?.take()?;
        self.count = self.count.saturating_sub(1);
        Some(node)
    }
}

// Apart from what is written in place, which then keeps no room for a copy.
#[cold]
#[inline(never)]
fn take_shared(dense: &mut Arc<Dense>, place: usize) -> Option<Node> {
    Arc::make_mut(dense).take(place)
}

#[cold]
#[inline(never)]
fn insert_shared(dense: &mut Arc<Dense>, place: usize, node: Node) {
    Arc::make_mut(dense).insert(place, node);
}

/// A place of a thin page: there are fewer than 255
#[inline]
fn place_number(place: usize) -> u8 {
    u8::try_from(place).unwrap_or(VACANT)
}

impl Page {
    #[inline]
    fn get(&self, place: usize) -> Option<&Node> {
        if let Self::Dense(dense) = self {
            return dense.get(place);
        }
        let (places, nodes) = self.thin();
        nodes.get(find(places, place_number(place))?)?.as_ref()
    }

    #[inline]
    fn get_mut(&mut self, place: usize) -> Option<&mut Node> {
        if let Self::Dense(dense) = self {
            return own(dense)?.nodes.get_mut(place)?.as_mut();
        }
        let (places, nodes) = self.thin_mut();
        nodes.get_mut(find(places, place_number(place))?)?.as_mut()
    }

    #[inline]
    fn take(&mut self, place: usize) -> Option<Node> {
        if let Self::Dense(dense) = self {
            return match Arc::get_mut(dense) {
                Some(dense) => dense.take(place),
                None => take_shared(dense, place),
            };
        }
        let (places, nodes) = self.thin_mut();
        let at = find(places, place_number(place))?;
        *places.get_mut(at)? = VACANT;
        nodes.get_mut(at)?.take()
    }

    /// Puts a node into a vacant place
    #[inline]
    fn insert(&mut self, place: usize, node: Node) {
        if let Self::Dense(dense) = self {
            return match Arc::get_mut(dense) {
                Some(dense) => dense.insert(place, node),
                None => insert_shared(dense, place, node),
            };
        }
        self.insert_thin(place, node);
    }

    fn insert_thin(&mut self, place: usize, node: Node) {
        self.make_room(1);
        let (places, nodes) = self.thin_mut();
        let vacant = find(places, VACANT).and_then(|at| places.get_mut(at).zip(nodes.get_mut(at)));
        match vacant {
            Some((number, vacant)) => (*number, *vacant) = (place_number(place), Some(node)),
            None => self.insert(place, node),
        }
    }

    /// Puts nodes into vacant places that lie side by side
    fn fill(&mut self, first: u32, last: u32, node: impl Fn(u32) -> Node) {
        let more = (last.saturating_sub(first) as usize).saturating_add(1);
        if more == NODES {
            let mut slot = first;
            let nodes = core::array::from_fn(|_| {
                let node = node(slot);
                slot = slot.wrapping_add(1);
                Some(node)
            });
            *self = Self::Dense(Arc::new(Dense { count: PLACE.wrapping_add(1), nodes }));
            return;
        }
        self.make_room(more);
        if let Self::Dense(dense) = self {
            let dense = Arc::make_mut(dense);
            let vacant = dense.nodes.get_mut(place(first)..=place(last)).into_iter().flatten();
            for (vacant, slot) in vacant.zip(first..) {
                *vacant = Some(node(slot));
            }
            dense.count = dense.count.saturating_add(last.saturating_sub(first)).saturating_add(1);
        } else {
            for slot in first..=last {
                self.insert(place(slot), node(slot));
            }
        }
    }

    /// Makes room for so many more nodes
    fn make_room(&mut self, more: usize) {
        let (places, _) = self.thin();
        if !matches!(self, Self::Dense(_)) && vacant(places) < more {
            let needed = places.len().saturating_sub(vacant(places)).saturating_add(more);
            *self = self.resized(needed);
        }
    }

    /// Takes a smaller form if few nodes are left; says whether there are none, which changes nothing
    #[inline]
    fn settle(&mut self) -> bool {
        if let Self::Dense(dense) = self {
            let count = dense.count as usize;
            if (1..=THIN_NODES / 4).contains(&count) {
                *self = self.resized(count.saturating_mul(2));
            }
            return count == 0;
        }
        self.settle_thin()
    }

    fn settle_thin(&mut self) -> bool {
        let (places, _) = self.thin();
        let count = places.len().saturating_sub(vacant(places));
        if count > 0 && count.saturating_mul(4) <= places.len() {
            *self = self.resized(count.saturating_mul(2));
        }
        count == 0
    }

    /// The same nodes with room for so many; with room for none, none of them
    #[cold]
    fn resized(&self, room: usize) -> Self {
        let nodes = self.iter().take(if room == 0 { 0 } else { usize::MAX });
        match room {
            _ if room > THIN_NODES => Self::Dense(Dense::of(nodes)),
            0..=1 => Self::Of1(Thin::of(nodes)),
            2 => Self::Of2(Thin::of(nodes)),
            3..=4 => Self::Of4(Thin::of(nodes)),
            5..=8 => Self::Of8(Thin::of(nodes)),
            9..=16 => Self::Of16(Thin::of(nodes)),
            17..=32 => Self::Of32(Thin::of(nodes)),
            _ => Self::Dense(Dense::of(nodes)),
        }
    }

    fn iter(&self) -> impl Iterator<Item = (usize, Node)> {
        let dense = if let Self::Dense(dense) = self { dense.nodes.as_slice() } else { &[] };
        let (places, nodes) = self.thin();
        let thin = places.iter().zip(nodes).filter_map(|(&at, node)| Some((at.into(), (*node)?)));
        thin.chain(dense.iter().enumerate().filter_map(|(at, node)| Some((at, (*node)?))))
    }

    fn count(&self) -> usize {
        match self {
            Self::Dense(dense) => dense.count as usize,
            _ => self.iter().count(),
        }
    }

    /// The places and nodes of a thin page
    #[inline]
    fn thin(&self) -> (&[u8], &[Option<Node>]) {
        match self {
            Self::Absent | Self::Dense(_) => (&[], &[]),
            Self::Of1(page) => page.parts(),
            Self::Of2(page) => page.parts(),
            Self::Of4(page) => page.parts(),
            Self::Of8(page) => page.parts(),
            Self::Of16(page) => page.parts(),
            Self::Of32(page) => page.parts(),
        }
    }

    #[inline]
    fn thin_mut(&mut self) -> (&mut [u8], &mut [Option<Node>]) {
        match self {
            Self::Absent | Self::Dense(_) => (&mut [], &mut []),
            Self::Of1(page) => parts_mut(page),
            Self::Of2(page) => parts_mut(page),
            Self::Of4(page) => parts_mut(page),
            Self::Of8(page) => parts_mut(page),
            Self::Of16(page) => parts_mut(page),
            Self::Of32(page) => parts_mut(page),
        }
    }

    fn corruption(&self) -> Option<&'static str> {
        let (places, nodes) = self.thin();
        let mut seen = [false; NODES];
        for (&at, node) in places.iter().zip(nodes) {
            let twice = seen.get_mut(usize::from(at)).map(|seen| core::mem::replace(seen, true));
            if twice == Some(true) || twice.is_some() != node.is_some() {
                return Some("a page of owners has a place without a node, or twice");
            }
        }
        let wrong = self.iter().count() != self.count();
        wrong.then_some("a page of owners counts them wrongly")
    }
}

#[inline]
fn parts_mut<const ROOM: usize>(page: &mut Arc<Thin<ROOM>>) -> (&mut [u8], &mut [Option<Node>]) {
    match own(page) {
        Some(Thin { places, nodes }) => (places, nodes),
        None => (&mut [], &mut []),
    }
}

/// Where a place is among those of a thin page
#[inline]
fn find(places: &[u8], place: u8) -> Option<usize> {
    places.iter().position(|&at| at == place)
}

/// Rooms of a thin page that have no node
fn vacant(places: &[u8]) -> usize {
    places.iter().filter(|&&at| at == VACANT).count()
}
