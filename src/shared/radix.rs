//! Links by number, in branches that copies share

use core::fmt;

use triomphe::Arc;

use super::own::own;
use super::sizes::{BRANCH, BRANCH_BITS, FEW_LINKS};

/// What leads to a page, or is one so small that it needs no place of its own
///
/// A clone must be cheap: a pointer that is shared, or plain data. The default is the absent link, which costs
/// nothing unless its neighbours are there.
pub(crate) trait Link: Clone + Default {
    /// Whether this is the default
    fn is_absent(&self) -> bool;
}

impl<T: Clone> Link for Option<T> {
    #[inline]
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

/// Links by number, every one of which is absent at first
///
/// Branches hold the links by the digits of their numbers, in as many levels as the highest used needs. Where
/// all links are absent the branch may be too. Link 0 lies in the root itself while no other is used, and the first
/// few in a small branch while they are enough.
// INVARIANT: every branch but the root is of the level below the one that holds it.
#[derive(Clone, Default)]
pub(crate) enum Radix<L> {
    #[default]
    Empty,
    One(L),
    Few(Arc<[L; FEW_LINKS]>),
    Branch(Arc<Branch<L>>),
}

/// A branch, which holds links, or branches of the level below
#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "as small a link as a pointer makes them alike")]
pub(crate) enum Branch<L> {
    Links([L; BRANCH]),
    Branches {
        /// Bits of a number below the digit that chooses among these
        shift: u32,
        below: [Option<Arc<Branch<L>>>; BRANCH],
    },
}

impl<L> Radix<L> {
    pub(crate) const fn new() -> Self {
        Self::Empty
    }
}

impl<L: Link> Radix<L> {
    /// The link of a number, if there is a place for it; it may be absent all the same
    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&L> {
        match self {
            Self::Branch(root) => root.get(number),
            Self::Few(links) => links.get(number as usize),
            Self::One(link) if number == 0 => Some(link),
            _ => None,
        }
    }

    /// Whether no clone shares a branch on the way to a number
    pub(crate) fn is_own(&self, number: u32) -> bool {
        match self {
            Self::Branch(root) => {
                let (mut branch, mut rest) = (root, number);
                loop {
                    match &**branch {
                        _ if !branch.is_unique() => return false,
                        Branch::Links(_) => return true,
                        Branch::Branches { shift, below } => {
                            let below = below.get((rest >> shift) as usize);
                            let Some(Some(below)) = below else { return true };
                            rest &= below_bits(*shift);
                            branch = below;
                        }
                    }
                }
            }
            Self::Few(links) => links.is_unique(),
            Self::Empty | Self::One(_) => true,
        }
    }

    /// The link of a number to be changed, if there is a place for it; it may be absent all the same
    ///
    /// The branches on the way to it are copied if a clone shares them.
    #[inline]
    pub(crate) fn existing_mut(&mut self, number: u32) -> Option<&mut L> {
        match self {
            Self::Branch(root) => existing_mut(root, number),
            Self::Few(links) => few_mut(links, number),
            Self::One(link) if number == 0 => Some(link),
            _ => None,
        }
    }

    /// The link of a number to be changed, for which a place is made
    ///
    /// The branches on the way to it are copied if a clone shares them.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "what is masked is below the number of links")]
    pub(crate) fn get_mut(&mut self, number: u32) -> &mut L {
        if !self.reaches(number) {
            self.raise(number);
        }
        match self {
            Self::Branch(root) => made_mut(root, number),
            Self::Few(links) => &mut Arc::make_mut(links)[number as usize & (FEW_LINKS - 1)],
            Self::One(link) => link,
            Self::Empty => {
                *self = Self::One(L::default());
                self.get_mut(number)
            }
        }
    }

    /// Makes a link absent, says what it was, and gives back the branches that hold nothing any more
    pub(crate) fn take(&mut self, number: u32) -> L {
        let Some(link) = self.existing_mut(number) else { return L::default() };
        let link = core::mem::take(link);
        self.prune(number);
        link
    }

    /// Gives back the branches on the way to an absent link that hold nothing any more
    pub(crate) fn prune(&mut self, number: u32) {
        match self {
            Self::Branch(root) => {
                if prune(root, number) {
                    *self = Self::Empty;
                } else {
                    self.lower();
                }
            }
            Self::Few(links) if links.iter().all(L::is_absent) => *self = Self::Empty,
            Self::Few(_) => self.lower(),
            Self::One(link) if link.is_absent() => *self = Self::Empty,
            _ => {}
        }
    }

    /// Whether every link is absent
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.from(0).next().is_none()
    }

    /// The links that are not absent, with their numbers, which rise
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &L)> {
        self.from(0)
    }

    /// Those of them from a number on
    pub(crate) fn from(&self, number: u32) -> impl Iterator<Item = (u32, &L)> {
        let mut rest: (u32, &[L]) = (number, &[]);
        let mut next = Some(number);
        core::iter::from_fn(move || {
            loop {
                if let (at, [link, others @ ..]) = rest {
                    // The next one of the last branch of all would be one too many.
                    rest = (at.wrapping_add(1), others);
                    if !link.is_absent() {
                        return Some((at, link));
                    }
                } else {
                    rest = self.links_from(next?)?;
                    next = rest.0.checked_add(u32::try_from(rest.1.len()).ok()?);
                }
            }
        })
    }

    /// Links that lie side by side, the first of them at or above a number, and the number of that one
    fn links_from(&self, number: u32) -> Option<(u32, &[L])> {
        match self {
            Self::Branch(root) => root.links_from(number, 0),
            Self::Few(links) => {
                let links = links.get(number as usize..).filter(|links| !links.is_empty())?;
                Some((number, links))
            }
            Self::One(link) if number == 0 => Some((0, core::slice::from_ref(link))),
            _ => None,
        }
    }

    #[inline]
    fn reaches(&self, number: u32) -> bool {
        match self {
            Self::Branch(root) => root.reaches(number),
            Self::Few(_) => (number as usize) < FEW_LINKS,
            _ => number == 0,
        }
    }

    /// Adds levels until a number has its place
    #[cold]
    fn raise(&mut self, number: u32) {
        let few = (number as usize) < FEW_LINKS;
        let mut root = match core::mem::take(self) {
            Self::Empty if few => return *self = Self::Few(Arc::new(links([]))),
            Self::One(link) if few => return *self = Self::Few(Arc::new(links([link]))),
            Self::Empty => made(level_of(number)),
            Self::One(link) => Arc::new(Branch::Links(links([link]))),
            Self::Few(few) => Arc::new(Branch::Links(links(Arc::unwrap_or_clone(few)))),
            Self::Branch(root) => root,
        };
        while !root.reaches(number) {
            let shift = root.shift().saturating_add(BRANCH_BITS);
            let mut below = [const { None }; BRANCH];
            if let Some(first) = below.first_mut() {
                *first = Some(root);
            }
            root = Arc::new(Branch::Branches { shift, below });
        }
        *self = Self::Branch(root);
    }

    /// Takes off the levels in which only the first place is used
    fn lower(&mut self) {
        loop {
            *self = match self {
                Self::Few(few) => match &**few {
                    [link, others @ ..] if others.iter().all(L::is_absent) => {
                        Self::One(link.clone())
                    }
                    _ => return,
                },
                Self::Branch(root) => match &**root {
                    Branch::Links(all) if all.iter().skip(FEW_LINKS).all(L::is_absent) => {
                        Self::Few(Arc::new(links(all.iter().take(FEW_LINKS).cloned())))
                    }
                    Branch::Branches { below: [Some(first), others @ ..], .. }
                        if others.iter().all(Option::is_none) =>
                    {
                        Self::Branch(Arc::clone(first))
                    }
                    _ => return,
                },
                _ => return,
            }
        }
    }
}

impl<L: Link> Branch<L> {
    /// The branch of a level, with nothing in it
    fn of_level(shift: u32) -> Self {
        if shift == 0 {
            Self::Links(links([]))
        } else {
            Self::Branches { shift, below: [const { None }; BRANCH] }
        }
    }

    fn shift(&self) -> u32 {
        match self {
            Self::Links(_) => 0,
            Self::Branches { shift, .. } => *shift,
        }
    }

    /// Whether a number has a place below this, if it is the root
    #[inline]
    fn reaches(&self, number: u32) -> bool {
        (u64::from(number) >> self.shift()) < BRANCH as u64
    }

    /// The link of a number, if this is the root
    #[inline]
    fn get(&self, number: u32) -> Option<&L> {
        match self {
            Self::Links(links) => links.get(number as usize),
            // Two levels are most common: nothing need be found out about their digits.
            Self::Branches { shift: BRANCH_BITS, below } => {
                match below.get((number >> BRANCH_BITS) as usize)?.as_deref()? {
                    Self::Links(links) => links.get(digit(number, 0)),
                    Self::Branches { .. } => None,
                }
            }
            Self::Branches { shift, below } => {
                let below = below.get((number >> shift) as usize)?.as_deref()?;
                below.deep(number & below_bits(*shift))
            }
        }
    }

    /// The same below a root of more than two levels
    fn deep(&self, number: u32) -> Option<&L> {
        let (mut branch, mut rest) = (self, number);
        loop {
            match branch {
                Self::Links(links) => return links.get(rest as usize),
                Self::Branches { shift, below } => {
                    branch = below.get((rest >> shift) as usize)?.as_deref()?;
                    rest &= below_bits(*shift);
                }
            }
        }
    }

    /// Links side by side from a number on, where `first` is the first number below this branch
    fn links_from(&self, number: u32, first: u32) -> Option<(u32, &[L])> {
        let rest = number.saturating_sub(first);
        match self {
            Self::Links(links) => {
                let links = links.get(rest as usize..).filter(|links| !links.is_empty())?;
                Some((first.saturating_add(rest), links))
            }
            Self::Branches { shift, below } => {
                let places = (0u32..).zip(below).skip((rest >> shift) as usize);
                places
                    .filter_map(|(place, branch)| Some((place, branch.as_deref()?)))
                    .find_map(|(place, branch)| branch.links_from(number, first | (place << shift)))
            }
        }
    }
}

/// Links of which the first are these, and the others absent
fn links<L: Link, const LINKS: usize>(first: impl IntoIterator<Item = L>) -> [L; LINKS] {
    let mut first = first.into_iter();
    core::array::from_fn(|_| first.next().unwrap_or_default())
}

/// The level whose root reaches a number, as the bits below its digit
fn level_of(number: u32) -> u32 {
    let mut shift = 0u32;
    while (u64::from(number) >> shift) >= BRANCH as u64 {
        shift = shift.saturating_add(BRANCH_BITS);
    }
    shift
}

/// The bits below a digit
#[inline]
const fn below_bits(shift: u32) -> u32 {
    !(u32::MAX << shift)
}

/// The place that a number has in the branch whose digit lies above `shift` bits
#[inline]
const fn digit(number: u32, shift: u32) -> usize {
    (number >> shift) as usize & (BRANCH - 1)
}

/// The link of a number among few
#[inline]
fn few_mut<L: Link>(links: &mut Arc<[L; FEW_LINKS]>, number: u32) -> Option<&mut L> {
    if !links.is_unique() {
        return copied_few_mut(links, number);
    }
    Arc::get_mut(links)?.get_mut(number as usize)
}

#[cold]
#[inline(never)]
fn copied_few_mut<L: Link>(links: &mut Arc<[L; FEW_LINKS]>, number: u32) -> Option<&mut L> {
    Arc::make_mut(links).get_mut(number as usize)
}

/// The link of a number below the root
///
/// Whatever is not a write in place to the two last levels ends with a call: registers are kept for none.
#[inline]
fn existing_mut<L: Link>(root: &mut Arc<Branch<L>>, number: u32) -> Option<&mut L> {
    if !root.is_unique() {
        return deep_mut(root, number);
    }
    match Arc::get_mut(root)? {
        Branch::Links(links) => links.get_mut(number as usize),
        // As in reading.
        Branch::Branches { shift: BRANCH_BITS, below } => {
            let below = below.get_mut((number >> BRANCH_BITS) as usize)?.as_mut()?;
            let number = number & below_bits(BRANCH_BITS);
            if !below.is_unique() {
                return deep_mut(below, number);
            }
            match Arc::get_mut(below)? {
                Branch::Links(links) => links.get_mut(number as usize),
                Branch::Branches { .. } => None,
            }
        }
        Branch::Branches { shift, below } => {
            let rest = number & below_bits(*shift);
            deep_mut(below.get_mut((number >> *shift) as usize)?.as_mut()?, rest)
        }
    }
}

/// The same below any branch
#[inline(never)]
fn deep_mut<L: Link>(branch: &mut Arc<Branch<L>>, number: u32) -> Option<&mut L> {
    let (mut branch, mut rest) = (branch, number);
    loop {
        match own(branch)? {
            Branch::Links(links) => return links.get_mut(rest as usize),
            Branch::Branches { shift, below } => {
                branch = below.get_mut((rest >> *shift) as usize)?.as_mut()?;
                rest &= below_bits(*shift);
            }
        }
    }
}

/// The link of a number below a branch that reaches it, for which a place is made
#[inline]
#[expect(clippy::indexing_slicing, reason = "a digit is below the length of a branch")]
fn made_mut<L: Link>(root: &mut Arc<Branch<L>>, number: u32) -> &mut L {
    let mut branch = root;
    loop {
        match Arc::make_mut(branch) {
            Branch::Links(links) => return &mut links[digit(number, 0)],
            Branch::Branches { shift, below } => {
                let level = shift.saturating_sub(BRANCH_BITS);
                branch = below[digit(number, *shift)].get_or_insert_with(|| made(level));
            }
        }
    }
}

#[cold]
fn made<L: Link>(shift: u32) -> Arc<Branch<L>> {
    Arc::new(Branch::of_level(shift))
}

/// Gives back the branches below this one on the way to an absent link; whether this one holds nothing
fn prune<L: Link>(branch: &mut Arc<Branch<L>>, number: u32) -> bool {
    match &**branch {
        Branch::Links(links) => links.iter().all(L::is_absent),
        Branch::Branches { shift, below } => {
            let place = digit(number, *shift);
            if below.get(place).is_none_or(Option::is_none) {
                return false;
            }
            // What leads to the link was written to when that became absent: no clone shares it.
            let Branch::Branches { below, .. } = Arc::make_mut(branch) else { return false };
            let Some(Some(under)) = below.get_mut(place) else { return false };
            if !prune(under, number) {
                return false;
            }
            if let Some(under) = below.get_mut(place) {
                *under = None;
            }
            below.iter().all(Option::is_none)
        }
    }
}

impl<L: Link + PartialEq> PartialEq for Radix<L> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Branch(a), Self::Branch(b)) if Arc::ptr_eq(a, b) => true,
            (Self::Few(a), Self::Few(b)) if Arc::ptr_eq(a, b) => true,
            _ => self.iter().eq(other.iter()),
        }
    }
}

impl<L: Link + Eq> Eq for Radix<L> {}

impl<L: Link + fmt::Debug> fmt::Debug for Radix<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;

    use proptest::prelude::*;
    use triomphe::Arc;

    use super::{Branch, Radix};
    use crate::shared::sizes::BRANCH;

    type Twins = (Radix<Option<u16>>, BTreeMap<u32, u16>);

    #[derive(Clone, Debug)]
    enum Step {
        Set(u32, u16),
        Take(u32),
        /// Absent, with its branches kept
        Vacate(u32),
        Clone,
        /// Goes on with another copy
        Turn(usize),
        Drop(usize),
    }

    fn number() -> impl Strategy<Value = u32> {
        let high = (0u32..4, any::<bool>()).prop_map(|(low, top)| if top { !low } else { low });
        prop_oneof![4 => 0u32..8, 4 => 0u32..3000, 1 => any::<u32>(), 1 => high]
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (number(), any::<u16>()).prop_map(|(number, value)| Step::Set(number, value)),
            4 => number().prop_map(Step::Take),
            2 => number().prop_map(Step::Vacate),
            1 => Just(Step::Clone),
            1 => any::<usize>().prop_map(Step::Turn),
            1 => any::<usize>().prop_map(Step::Drop),
        ]
    }

    fn same((radix, naive): &Twins) -> Result<(), TestCaseError> {
        let held: Vec<(u32, u16)> =
            radix.iter().map(|(at, link)| (at, link.unwrap_or(0))).collect();
        prop_assert!(held.into_iter().eq(naive.iter().map(|(&at, &value)| (at, value))));
        prop_assert_eq!(radix.is_empty(), naive.is_empty());
        for number in naive.keys().flat_map(|&at| [at.saturating_sub(1), at, at.saturating_add(1)])
        {
            let held = radix.get(number).copied().flatten();
            prop_assert_eq!(held, naive.get(&number).copied());
            let next = radix.from(number).next().map(|(at, _)| at);
            prop_assert_eq!(next, naive.range(number..).next().map(|(&at, _)| at));
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn links_are_a_map_whose_clones_keep_apart(
            steps in prop::collection::vec(step(), 1..120),
        ) {
            let mut others: Vec<Twins> = Vec::new();
            let (mut radix, mut naive) = Twins::default();
            for step in steps {
                match step {
                    Step::Set(number, value) => {
                        *radix.get_mut(number) = Some(value);
                        naive.insert(number, value);
                    }
                    Step::Take(number) => {
                        prop_assert_eq!(radix.take(number), naive.remove(&number));
                    }
                    Step::Vacate(number) => {
                        let held = radix.existing_mut(number).and_then(Option::take);
                        prop_assert_eq!(held, naive.remove(&number));
                    }
                    Step::Clone => others.push((radix.clone(), naive.clone())),
                    Step::Turn(which) => {
                        let which = which.checked_rem(others.len()).unwrap_or(0);
                        if let Some((other, twin)) = others.get_mut(which) {
                            core::mem::swap(other, &mut radix);
                            core::mem::swap(twin, &mut naive);
                        }
                    }
                    Step::Drop(which) => {
                        if let Some(which) = which.checked_rem(others.len()) {
                            others.swap_remove(which);
                        }
                    }
                }
            }
            others.push((radix, naive));
            for twins in &others {
                same(twins)?;
            }
            for (mut radix, naive) in others {
                let anew: &mut Radix<Option<u16>> = &mut Radix::new();
                for (&number, &value) in naive.iter().rev() {
                    *anew.get_mut(number) = Some(value);
                }
                prop_assert_eq!(&*anew, &radix);
                for &number in naive.keys() {
                    anew.take(number);
                    radix.take(number);
                }
                prop_assert!(matches!(anew, Radix::Empty));
                prop_assert!(radix.is_empty());
            }
        }
    }

    #[test]
    fn few_links_need_no_branch_and_branches_go_back() {
        let mut radix = Radix::new();
        *radix.get_mut(0) = Some(7);
        assert!(matches!(radix, Radix::One(Some(7))));
        let high = [1, 40, 1 << 20, u32::MAX];
        for number in high {
            *radix.get_mut(number) = Some(number);
        }
        for number in high {
            assert_eq!(radix.take(number), Some(number));
        }
        assert!(matches!(radix, Radix::One(Some(7))));
        assert_eq!(radix.take(0), Some(7));
        assert!(matches!(radix, Radix::Empty));
    }

    #[test]
    fn a_write_copies_only_the_way_to_it() {
        let mut radix = Radix::new();
        let many = u32::try_from(BRANCH * BRANCH).unwrap_or(0);
        for number in 0..many {
            *radix.get_mut(number) = Some(number);
        }
        let before = radix.clone();
        *radix.get_mut(0) = Some(9);
        let below = |radix: &Radix<_>| match radix {
            Radix::Branch(root) => match &**root {
                Branch::Branches { below, .. } => below.iter().flatten().cloned().collect(),
                Branch::Links(_) => Vec::new(),
            },
            _ => Vec::new(),
        };
        let (ours, theirs): (Vec<_>, Vec<_>) = (below(&radix), below(&before));
        let shared = ours.iter().zip(&theirs).map(|(ours, theirs)| Arc::ptr_eq(ours, theirs));
        assert_eq!(shared.filter(|&shared| shared).count(), BRANCH - 1);
    }

    #[test]
    fn a_root_is_as_small_as_its_link() {
        #[derive(Clone, Default)]
        #[expect(dead_code, reason = "only its size counts")]
        enum Wide {
            #[default]
            Absent,
            Full,
            Thin(Arc<[u64; 4]>),
            Dense(Arc<[u64; 64]>),
        }
        assert_eq!(size_of::<Radix<Wide>>(), size_of::<Wide>());
        assert_eq!(size_of::<Radix<Option<Arc<[u64; 64]>>>>(), 16);
    }
}
