//! What an assignment gives: the named addresses, and the chosen ones

use alloc::vec::Vec;
use core::mem;

use super::named::NewlyNamed;
use crate::command::{Pick, WantedPrefix};
use crate::engine::choose::{Asked, Chosen, How, Moved, choose};
use crate::engine::judge::draft::Draft;
use crate::engine::judge::grant;
use crate::engine::judge::prefixes::{self, PrefixChoice};
use crate::engine::judge::target::Target;
use crate::error::Error;
use crate::space::address::Family;
use crate::space::list::AddrList;
use crate::state::view::{BlockView, View};

/// How many single addresses are to be chosen, of which block, and how
pub(super) struct Choice<'a> {
    pub(super) family: Family,
    /// `None` where none are
    pub(super) block: Option<BlockView<'a>>,
    pub(super) count: u32,
    /// Whether the chosen addresses are kept; otherwise it only checks whether there are enough
    pub(super) keep: bool,
    pub(super) how: Option<How<'a>>,
}

/// What a request gets, family by family, once everything but free addresses has been judged
pub(super) struct Allocation<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) target: &'a Target<'a>,
    pub(super) pick: &'a Pick,
    pub(super) choice: Choice<'a>,
    pub(super) named: &'a mut NewlyNamed,
    /// The prefixes chosen for each that is asked for
    pub(super) found: Vec<AddrList>,
    /// Where the subnet's policy stands then
    pub(super) moved: Option<Moved>,
}

impl Allocation<'_> {
    /// What of a family the interface is given: what is named, then what is chosen, then prefixes
    pub(super) fn of_family(
        &mut self,
        of: Family,
        draft: &mut Draft<'_>,
    ) -> Result<AddrList, Error> {
        let (pick, family) = (self.pick, self.choice.family);
        let prefixed = !pick.prefixes.is_empty();
        let mut addresses = mem::take(self.named.new.get_mut(of));
        // What prefixes are chosen beside.
        let mut given = AddrList::new();
        if prefixed {
            given = addresses.clone();
            given.append(self.named.prefixes.get(of));
        }
        if let Some(block) = self.choice.block.filter(|_| of == family) {
            let named = if prefixed { &given } else { &addresses };
            let chosen = self.choose(&block, named)?;
            self.answer(&chosen, draft);
            self.moved = chosen.moved;
            if prefixed {
                given.append(&chosen.addresses);
            }
            if addresses.is_empty() {
                addresses = chosen.addresses;
            } else {
                addresses.append(&chosen.addresses);
            }
        }
        if prefixed {
            let (given, found) = ((&given, self.choice.keep), &mut self.found);
            self.target.choose_prefixes(self.view, pick, (of, family), given, found)?;
            self.named.append_prefixes(pick, of, family, found, &mut addresses);
        }
        if let Some(not_free) = &mut self.named.not_free {
            grant::wake(self.target, draft, mem::take(not_free.resting.get_mut(of)));
        }
        Ok(addresses)
    }

    /// Chooses single addresses beside those that are named
    fn choose(&self, block: &BlockView<'_>, named: &AddrList) -> Result<Chosen, Error> {
        let Choice { family, count, keep, how, .. } = self.choice;
        let asked = Asked {
            count,
            within: self.pick.within.and_then(|range| block.offsets(range)),
            named,
            occupied: self
                .named
                .not_free
                .as_ref()
                .map_or(0, |not_free| *not_free.count.get(family)),
            early: self.target.subnet.profile.quarantine.when_exhausted,
            keep,
            how,
        };
        choose(self.target.subnet_name, block, &asked)
    }

    /// Answers with what was chosen, where the answer is more than the first change
    fn answer(&mut self, chosen: &Chosen, draft: &mut Draft<'_>) {
        if !chosen.resting.is_empty() {
            if draft.decision.answer.is_none() {
                draft.answer_mut().extend(self.pick.list.iter().map(|wanted| wanted.address));
            }
            let not_free = self.named.not_free.get_or_insert_default();
            not_free.resting.get_mut(self.choice.family).append(&chosen.resting);
        }
        if let Some(answer) = &mut draft.decision.answer {
            answer.append(&chosen.addresses);
        }
    }
}

impl Target<'_> {
    /// Chooses the prefixes of a family that are to be chosen, beside what is given of it
    #[cold]
    fn choose_prefixes(
        &self,
        view: &View<'_>,
        pick: &Pick,
        (family, usual): (Family, Family),
        (given, keep): (&AddrList, bool),
        found: &mut [AddrList],
    ) -> Result<(), Error> {
        let wanted = pick.prefixes.iter().enumerate().zip(found);
        let mut wanted = wanted
            .filter_map(|((index, wanted), found)| match *wanted {
                WantedPrefix::Any { prefix_len, count, .. }
                    if prefixes::family_of(wanted, usual) == family =>
                {
                    Some(((index, prefix_len, count), found))
                }
                _ => None,
            })
            .peekable();
        if wanted.peek().is_none() {
            return Ok(());
        }
        let block = self.block(view, family)?;
        let within = pick.within.and_then(|range| block.offsets(range));
        prefixes::choose(self, &block, &PrefixChoice { given, within, keep }, wanted)
    }
}
