//! Where an interface has addresses: its list in each subnet family

use triomphe::Arc;

use super::index::{BlockKey, Ix};
use super::owners::List;
use crate::id::SubnetId;
use crate::shared::sizes::FEW_HOLDINGS;
use crate::shared::tree::Tree;
use crate::space::address::Family;

/// What an interface has in one subnet family
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holding {
    pub(super) place: BlockKey,
    pub(crate) list: List,
}

impl Holding {
    pub(crate) const fn subnet(&self) -> Ix<SubnetId> {
        self.place.subnet()
    }

    pub(crate) const fn family(&self) -> Family {
        self.place.family()
    }
}

/// The lists of an interface by block, most often one: in 24 bytes, which copying an interface copies
#[derive(Clone, Debug, Default)]
pub(super) enum Holdings {
    #[default]
    None,
    One(Holding),
    /// At least two, sorted
    Few(Arc<[Holding]>),
    Many(Arc<Tree<BlockKey, List>>),
}

impl Holdings {
    #[inline]
    pub(super) fn get(&self, place: BlockKey) -> Option<List> {
        match self {
            Self::None => None,
            Self::One(one) => (one.place == place).then_some(one.list),
            Self::Few(few) => Some(few.get(position(few, place).ok()?)?.list),
            Self::Many(many) => many.get(&place).copied(),
        }
    }

    /// The list of a block, made if there is none
    #[inline]
    pub(super) fn made(&mut self, place: BlockKey) -> Option<&mut List> {
        let there = matches!(self, Self::One(one) if one.place == place);
        if !there && self.get(place).is_none() {
            self.insert(place);
        }
        match self {
            Self::None => None,
            Self::One(one) => Some(&mut one.list),
            Self::Few(few) => {
                let at = position(few, place).ok()?;
                if !few.is_unique() {
                    *few = Arc::from(&**few);
                }
                Some(&mut Arc::get_mut(few)?.get_mut(at)?.list)
            }
            Self::Many(many) => Arc::make_mut(many).get_mut(&place),
        }
    }

    /// Forgets the list of a block
    pub(super) fn remove(&mut self, place: BlockKey) {
        match self {
            Self::Many(many) => {
                let many = Arc::make_mut(many);
                many.remove(&place);
                if many.len() <= FEW_HOLDINGS / 2 {
                    *self = Self::Few(self.iter().collect());
                }
            }
            _ if self.get(place).is_none() => {}
            _ => {
                let rest = || self.iter().filter(|held| held.place != place);
                let left = (rest().next(), rest().nth(1));
                *self = match left {
                    (None, _) => Self::None,
                    (Some(one), None) => Self::One(one),
                    _ => Self::Few(rest().collect()),
                };
            }
        }
    }

    /// Every list, by rising block
    pub(super) fn iter(&self) -> impl Iterator<Item = Holding> + '_ {
        let (few, many) = match self {
            Self::None => (&[][..], None),
            Self::One(one) => (core::slice::from_ref(one), None),
            Self::Few(few) => (&**few, None),
            Self::Many(many) => (&[][..], Some(many)),
        };
        let many = many.into_iter().flat_map(|many| many.iter());
        few.iter().copied().chain(many.map(|(place, &list)| Holding { place, list }))
    }

    /// Adds an empty list of a block that has none
    #[cold]
    fn insert(&mut self, place: BlockKey) {
        let new = Holding { place, list: List::EMPTY };
        *self = match self {
            Self::None => Self::One(new),
            Self::Many(many) => {
                Arc::make_mut(many).insert(place, List::EMPTY);
                return;
            }
            Self::Few(few) if few.len() >= FEW_HOLDINGS => {
                let mut many = Tree::from_sorted(few.iter().map(|held| (held.place, held.list)));
                many.insert(place, List::EMPTY);
                Self::Many(Arc::new(many))
            }
            _ => {
                let below = self.iter().take_while(|held| held.place < place);
                let above = self.iter().skip_while(|held| held.place < place);
                Self::Few(below.chain([new]).chain(above).collect())
            }
        };
    }
}

fn position(few: &[Holding], place: BlockKey) -> Result<usize, usize> {
    few.binary_search_by_key(&place, |held| held.place)
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::{BlockKey, Holding, Holdings};
    use crate::space::address::Family;
    use crate::state::index::Ix;
    use crate::state::owners::List;

    fn key(number: u32) -> BlockKey {
        BlockKey::new(
            Ix::from_number(number >> 1),
            if number % 2 == 0 { Family::V4 } else { Family::V6 },
        )
    }

    proptest! {
        #[test]
        fn holdings_are_a_map_whose_clones_keep_apart(
            steps in prop::collection::vec((0u32..60, 0u32..8, any::<bool>()), 1..200),
        ) {
            let (mut holdings, mut naive) = (Holdings::default(), BTreeMap::new());
            let mut clones = Vec::new();
            for (number, count, keep) in steps {
                if count < 3 {
                    holdings.remove(key(number));
                    naive.remove(&key(number));
                } else if let Some(list) = holdings.made(key(number)) {
                    let counted = List::of_count(count);
                    *list = counted;
                    naive.insert(key(number), counted);
                }
                if keep {
                    clones.push((holdings.clone(), naive.clone()));
                }
            }
            clones.push((holdings, naive));
            for (holdings, naive) in clones {
                let all = naive.iter().map(|(&place, &list)| Holding { place, list });
                prop_assert!(holdings.iter().eq(all));
                for number in 0..60 {
                    prop_assert_eq!(holdings.get(key(number)), naive.get(&key(number)).copied());
                }
            }
        }
    }
}
