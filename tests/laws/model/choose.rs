//! Which free addresses a policy chooses: by looking at lists of them

use std::net::IpAddr;

use ipam_core::event::{CursorMoved, Drawn};
use ipam_core::{AddrRange, Assign, Change, Error, Family, Pick, Policy, SubnetId};

use super::judge::{Refusal, exhausted};
use super::subnet::{Subnet, address, bits, ends};
use super::world::World;

/// What is to be chosen
pub(crate) struct Asked<'a> {
    pub(crate) family: Family,
    pub(crate) count: u32,
    pub(crate) within: Option<AddrRange>,
    /// What is asked for by name beside it
    pub(crate) named: &'a [IpAddr],
    /// What the command would newly assign: this, what is named, and of other subnets
    pub(crate) together: u128,
    pub(crate) pick: Option<&'a Pick>,
}

impl Asked<'_> {
    /// So many, and nothing else
    pub(crate) fn alone(family: Family, count: u32) -> Self {
        let together = count.into();
        Self { family, count, within: None, named: &[], together, pick: None }
    }
}

/// What was chosen, and where the subnet's policy stands then
pub(crate) type Chosen = (Vec<IpAddr>, u128);

type Run = (u128, u128);

fn length((first, last): Run) -> u128 {
    (last - first).saturating_add(1)
}

fn clip(runs: &[Run], (low, high): Run) -> Vec<Run> {
    let clipped = runs.iter().map(|&(first, last)| (first.max(low), last.min(high)));
    clipped.filter(|(first, last)| first <= last).collect()
}

fn without(runs: &[Run], at: u128) -> Vec<Run> {
    let mut left = Vec::new();
    for &(first, last) in runs {
        if at < first || last < at {
            left.push((first, last));
            continue;
        }
        if first < at {
            left.push((first, at - 1));
        }
        if at < last {
            left.push((at + 1, last));
        }
    }
    left
}

/// The lowest numbers of runs, at most so many
fn lowest(runs: &[Run], count: usize) -> Vec<u128> {
    let mut found = Vec::new();
    for &(first, last) in runs {
        let mut at = Some(first);
        while let Some(number) = at.filter(|&at| at <= last && found.len() < count) {
            found.push(number);
            at = number.checked_add(1);
        }
    }
    found
}

/// Number `index` of runs
fn nth(runs: &[Run], mut index: u128) -> u128 {
    for &(first, last) in runs {
        if index <= last - first {
            return first + index;
        }
        index -= last - first + 1;
    }
    panic!("the model looked for a number beyond the last")
}

/// The lowest run of so many
fn first_run(runs: &[Run], count: u128) -> Option<u128> {
    runs.iter().find(|&&(first, last)| last - first >= count - 1).map(|run| run.0)
}

/// The next number of SplitMix64
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The product shifted right by 128 bits: added up bit by bit
fn scaled(x: u128, by: u128) -> u128 {
    let (mut high, mut low) = (0u128, 0u128);
    for bit in (0..128).rev() {
        high = (high << 1) | (low >> 127);
        low <<= 1;
        if x >> bit & 1 == 1 {
            let (sum, over) = low.overflowing_add(by);
            (low, high) = (sum, high + u128::from(over));
        }
    }
    high
}

/// So many at random
fn random(runs: &[Run], seed: u64, draws: u128, count: usize) -> Vec<u128> {
    let mut left = runs.iter().fold(0u128, |sum, &run| sum.saturating_add(length(run)));
    let mut state = seed;
    for _ in 0..2 * draws {
        split_mix(&mut state);
    }
    // The list of those left, as far as it differs from all of them in order.
    let mut swapped: Vec<(u128, u128)> = Vec::new();
    let mut found = Vec::new();
    while found.len() < count {
        let high = u128::from(split_mix(&mut state));
        let index = scaled(high << 64 | u128::from(split_mix(&mut state)), left);
        let at = |index: u128, swapped: &[(u128, u128)]| {
            swapped.iter().rev().find(|of| of.0 == index).map_or(index, |of| of.1)
        };
        found.push(nth(runs, at(index, &swapped)));
        left -= 1;
        swapped.push((index, at(left, &swapped)));
    }
    found
}

/// Blocks of 16 that overlap `within`, and whether each is whole: all that are not, and so many that are
fn blocks(runs: &[Run], within: Run, count: usize) -> Vec<(u128, bool)> {
    let near = clip(runs, (within.0 & !15, within.1 | 15));
    let mut found: Vec<(u128, bool)> = Vec::new();
    let mut whole = 0;
    for &(first, last) in &near {
        let mut block = first & !15;
        while block <= last {
            let room = clip(runs, (block, block | 15)).into_iter().map(length).sum::<u128>();
            let is_whole = room == 16;
            whole += usize::from(is_whole);
            if !found.contains(&(block, is_whole)) {
                found.push((block, is_whole));
            }
            // Beyond so many, only the end of a run is of interest.
            let end = last & !15;
            let next = if is_whole && whole > count && end > block {
                Some(end)
            } else {
                block.checked_add(16)
            };
            let Some(next) = next else { break };
            block = next;
        }
    }
    found
}

impl Subnet {
    pub(crate) fn choose(&self, asked: &Asked<'_>) -> Result<Chosen, Refused> {
        let Asked { family, count, within, named, pick, .. } = *asked;
        let policy = pick.and_then(|pick| pick.policy).unwrap_or(self.policy);
        let own = pick.is_none_or(|pick| pick.policy.is_none());
        let stands = self.position[family as usize];
        let goes_on = own || (policy == Policy::Next && self.policy == Policy::Next);
        let position = if goes_on { stands } else { 0 };
        let cidr = ends(self.cidr(family).unwrap());
        let span = within.map_or(cidr, |range| (bits(range.first()), bits(range.last())));

        let free = self.free_ranges(family).into_iter();
        let mut free: Vec<Run> =
            free.map(|range| (bits(range.first()), bits(range.last()))).collect();
        for at in named.iter().filter(|at| Family::of(**at) == family) {
            free = without(&free, bits(*at));
        }
        let mut runs = clip(&free, span);
        let total = runs.iter().fold(0u128, |sum, &run| sum.saturating_add(length(run)));
        let preferred = pick.map_or(&[][..], |pick| &pick.preferred);
        let preferred =
            preferred.iter().filter(|at| Family::of(**at) == family).map(|at| bits(*at));
        let from = match policy {
            Policy::Next => cidr.0 + position,
            Policy::From { offset } if offset <= cidr.1 - cidr.0 => cidr.0 + offset,
            _ => span.0,
        };
        let upper = |runs: &[Run]| clip(runs, (from.max(span.0), span.1));
        let lower = |runs: &[Run]| match from.checked_sub(1) {
            Some(last) => clip(runs, (span.0, span.1.min(last))),
            None => Vec::new(),
        };
        // Behind the last that the policy chose, where it has a cursor.
        let behind = |last: Option<&u128>| match last {
            Some(&last) if own && policy == Policy::Next => {
                if last == cidr.1 {
                    0
                } else {
                    last - cidr.0 + 1
                }
            }
            _ => stands,
        };
        let of_family = |numbers: Vec<u128>| -> Vec<IpAddr> {
            numbers.into_iter().map(|number| address(family, number)).collect()
        };

        if pick.is_some_and(|pick| pick.contiguous) {
            if total < count.into() {
                return Err(Refused::Few(
                    total,
                    runs.iter().copied().map(length).max().unwrap_or(0),
                ));
            }
            let fits = |at: &u128| {
                let all = (*at, at.saturating_add(u128::from(count) - 1));
                all.1 - all.0 == u128::from(count) - 1
                    && runs.iter().any(|run| run.0 <= all.0 && all.1 <= run.1)
            };
            let preferred = preferred.clone().find(fits);
            let by_policy = || {
                first_run(&upper(&runs), count.into()).or_else(|| first_run(&runs, count.into()))
            };
            let Some(first) = preferred.or_else(by_policy) else {
                let longest = runs.iter().copied().reduce(|longest, run| {
                    if length(run) > length(longest) { run } else { longest }
                });
                let range = longest.map(|(first, last)| {
                    AddrRange::new(address(family, first), address(family, last)).unwrap()
                });
                return Err(Refused::NoRun(total, range));
            };
            few_enough(asked)?;
            let all: Vec<u128> = (0..u128::from(count)).map(|at| first + at).collect();
            let moved = behind(all.last().filter(|_| preferred.is_none()));
            return Ok((of_family(all), moved));
        }

        let most = usize::try_from(total).unwrap_or(usize::MAX).min(count as usize);
        let mut resting: Vec<u128> =
            if most < count as usize && self.profile.quarantine.when_exhausted {
                let resting = self.waiting(asked).into_iter().map(|(at, _)| bits(at));
                resting.collect()
            } else {
                Vec::new()
            };
        if most + resting.len() < count as usize {
            return Err(Refused::Few(total, total + resting.len() as u128));
        }
        few_enough(asked)?;
        resting.truncate(count as usize - most);
        let mut first = Vec::new();
        for at in preferred {
            if first.len() < most && runs.iter().any(|run| run.0 <= at && at <= run.1) {
                runs = without(&runs, at);
                free = without(&free, at);
                first.push(at);
            }
        }
        let missing = most - first.len();
        let mut moved = stands;
        let chosen = match policy {
            Policy::Next | Policy::From { .. } => {
                let mut chosen = lowest(&upper(&runs), missing);
                chosen.extend(lowest(&lower(&runs), missing - chosen.len()));
                chosen
            }
            Policy::Random { seed } => {
                if own {
                    moved = position + missing as u128;
                }
                random(&runs, seed, position, missing)
            }
            Policy::LongestReleased => {
                let order: Vec<u128> = self.released_of(family).map(bits).collect();
                let mut never = runs.clone();
                for &at in &order {
                    never = without(&never, at);
                }
                let mut chosen = lowest(&never, missing);
                let free = |at: &u128| runs.iter().any(|run| run.0 <= *at && *at <= run.1);
                chosen.extend(order.into_iter().filter(free).take(missing - chosen.len()));
                chosen
            }
            Policy::Dense => {
                let blocks = blocks(&free, span, missing);
                let of = |whole: bool| {
                    let of = blocks.iter().filter(move |of| of.1 == whole).map(|of| of.0);
                    of.flat_map(|block| lowest(&clip(&runs, (block, block | 15)), 16))
                };
                of(false).chain(of(true)).take(missing).collect()
            }
            Policy::Sparse => {
                let blocks = blocks(&free, span, missing);
                let whole = blocks.iter().filter(|of| of.1).map(|of| of.0.max(span.0));
                let mut chosen: Vec<u128> = whole.take(missing).collect();
                for &at in &chosen {
                    runs = without(&runs, at);
                }
                chosen.extend(lowest(&runs, missing - chosen.len()));
                chosen
            }
            _ => lowest(&runs, missing),
        };
        if !matches!(policy, Policy::Random { .. }) {
            moved = behind(resting.last().or(chosen.last()));
        }
        first.extend(chosen);
        first.extend(resting);
        Ok((of_family(first), moved))
    }

    /// What rests and could be chosen if it did not, in the order in which it becomes free; and when
    pub(crate) fn waiting(&self, asked: &Asked<'_>) -> Vec<(IpAddr, u64)> {
        let eligible = |at: IpAddr| {
            let withheld = self.rule(at).is_some() || self.reservation(at).is_some();
            let inside = asked.within.is_none_or(|range| range.contains(at));
            !withheld && inside && !asked.named.contains(&at)
        };
        let resting = self.resting(asked.family).into_iter().filter(|&(at, _)| eligible(at));
        resting.map(|(at, rest)| (at, rest.until)).collect()
    }

    fn released_of(&self, family: Family) -> impl Iterator<Item = IpAddr> + '_ {
        self.released.iter().copied().filter(move |at| Family::of(*at) == family)
    }

    /// Notes that nobody has an address any more, if the order of that is kept
    pub(crate) fn note_released(&mut self, address: IpAddr) {
        if self.policy == Policy::LongestReleased {
            self.released.push(address);
        }
    }
}

/// Whether one command may assign so many: a list of more is not made
fn few_enough(asked: &Asked<'_>) -> Result<(), Refused> {
    let wanted = asked.together;
    if wanted > Assign::MAX_ADDRESSES.into() { Err(Refused::Many(wanted)) } else { Ok(()) }
}

/// Why not so many can be chosen
pub(crate) enum Refused {
    /// There are as many, and one command may not assign so many
    Many(u128),
    /// So few are free, and so many could have been chosen
    Few(u128, u128),
    NoRun(u128, Option<AddrRange>),
}

impl Refused {
    pub(crate) fn of(self, id: SubnetId, subnet: &Subnet, asked: &Asked<'_>) -> Refusal {
        let Asked { family, count: wanted, within, .. } = *asked;
        match self {
            Self::Many(wanted) => {
                Refusal::Other(Error::TooMany { wanted, limit: Assign::MAX_ADDRESSES })
            }
            Self::Few(free, most) => exhausted(id, subnet, asked, (free, most)),
            Self::NoRun(free, longest) => {
                Refusal::Other(Error::NoRun { subnet: id, family, wanted, within, free, longest })
            }
        }
    }
}

impl World {
    /// Notes where a subnet's policy stands
    pub(crate) fn move_policy(&mut self, id: SubnetId, family: Family, position: u128) {
        let stands = &mut self.subnets.get_mut(&id).unwrap().position[family as usize];
        if *stands != position {
            *stands = position;
            let subnet = &self.subnets[&id];
            let first = ends(subnet.cidr(family).unwrap()).0;
            self.said.push(match subnet.policy {
                Policy::Next => Change::CursorMoved(CursorMoved {
                    subnet: id,
                    address: address(family, first + position),
                }),
                _ => {
                    let draws = u64::try_from(position).unwrap();
                    Change::Drawn(Drawn { subnet: id, family, draws })
                }
            });
        }
    }
}
