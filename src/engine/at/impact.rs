//! What a change of rules would break or affect, before it is made

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;

use ipnet::IpNet;

use crate::command::{Command, ReserveRange, Reshape};
use crate::engine::judge::shape::{Plan, Used, used};
use crate::engine::judge::{availability, draft, lookup};
use crate::engine::{At, decide_into};
use crate::error::{Cause, Error};
use crate::id::{InterfaceId, Timestamp};
use crate::space::Reservation;
use crate::space::address::{Family, Span};
use crate::space::range::AddrRange;
use crate::state::index::Ix;
use crate::state::interface::Interface;
use crate::state::occupant::{Kind, Occupant};
use crate::state::view::{BlockView, View};
use crate::state::{Places, State};
use crate::text::Maybe;

/// What a command would break or affect
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Impact {
    /// Faults of the shape first; then, IPv4 before IPv6, addresses and reserved ranges, each ascending; then
    /// interfaces by rising id
    pub findings: Vec<Finding>,
}

/// One thing that a command would break or affect
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Finding {
    /// The command is refused, whatever is in use
    Refused {
        /// Why
        error: Box<Error>,
    },
    /// An assigned or held address would lie outside, which refuses the command
    Lost {
        /// The address
        address: IpAddr,
        /// The prefix that it belongs to, if any; a prefix makes one finding, at the lowest address concerned
        prefix: Option<IpNet>,
        /// The interface that has it
        interface: InterfaceId,
        /// Whether it is held, awaiting confirmation
        held: bool,
    },
    /// An address in quarantine would lie outside: its quarantine ends
    RestEnds {
        /// The address
        address: IpAddr,
        /// The prefix that it belongs to, if any; a prefix makes one finding, at the lowest address concerned
        prefix: Option<IpNet>,
        /// When it would be free
        until: Timestamp,
    },
    /// An assigned or held address would be withheld from others, and once it is released
    Withheld {
        /// The address
        address: IpAddr,
        /// The prefix that it belongs to, if any; a prefix makes one finding, at the lowest address concerned
        prefix: Option<IpNet>,
        /// The interface that has it
        interface: InterfaceId,
        /// Whether it is held, awaiting confirmation
        held: bool,
        /// Why it is withheld
        cause: Cause,
        /// Whether it refuses the command, because the command is strict
        blocks: bool,
    },
    /// An address in quarantine would be withheld, also after the quarantine
    RestWithheld {
        /// The address
        address: IpAddr,
        /// The prefix that it belongs to, if any; a prefix makes one finding, at the lowest address concerned
        prefix: Option<IpNet>,
        /// When it would be free
        until: Timestamp,
        /// Why it is withheld
        cause: Cause,
    },
    /// A reserved range would lie outside, at least in part, which refuses the command
    ReservationLost {
        /// The range
        range: AddrRange,
        /// The kind of reservation
        kind: Reservation,
    },
    /// An interface has more than its quota, and keeps what it has
    OverQuota {
        /// The interface
        interface: InterfaceId,
        /// The family whose addresses count; `None` if those of both families count
        family: Option<Family>,
        /// Its quota in slots
        quota: u32,
        /// Slots taken
        held: u64,
    },
}

impl Impact {
    /// The findings that refuse the command; none if it would be accepted
    pub fn blocking(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.blocks())
    }
}

impl Finding {
    /// Whether it refuses the command
    pub const fn blocks(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::Lost { .. } | Self::ReservationLost { .. } => true,
            Self::Withheld { blocks, .. } => *blocks,
            Self::RestEnds { .. } | Self::RestWithheld { .. } | Self::OverQuota { .. } => false,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = |held: &bool| if *held { "held for" } else { "assigned to" };
        match self {
            Self::Refused { error } => error.fmt(f),
            Self::Lost { address, prefix, interface, held } => {
                let what = AddressOrPrefix(*address, *prefix);
                write!(f, "`{what}`, {} `{interface}`, would lie outside", verb(held))
            }
            Self::RestEnds { address, prefix, until } => {
                write!(
                    f,
                    "`{}`, which rests until {until}, would lie outside",
                    AddressOrPrefix(*address, *prefix)
                )
            }
            Self::Withheld { address, prefix, interface, held, cause, .. } => {
                let of = Maybe("` of `", *prefix);
                write!(f, "`{address}{of}`, {} `{interface}`, {cause}", verb(held))
            }
            Self::RestWithheld { address, prefix, until, cause } => {
                let of = Maybe("` of `", *prefix);
                write!(f, "`{address}{of}`, which rests until {until}, {cause}")
            }
            Self::ReservationLost { range, .. } => {
                write!(f, "the reserved range `{range}` would lie outside")
            }
            Self::OverQuota { interface, family, quota, held } => {
                write!(f, "interface `{interface}` holds {held} of {quota} slots")?;
                family.map_or(Ok(()), |family| write!(f, " of {family}"))
            }
        }
    }
}

/// An address, or the prefix that has it
struct AddressOrPrefix(IpAddr, Option<IpNet>);

impl fmt::Display for AddressOrPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(_, Some(prefix)) => prefix.fmt(f),
            Self(address, None) => address.fmt(f),
        }
    }
}

/// The findings, with semicolons between
impl fmt::Display for Impact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.findings.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "; " })?;
            finding.fmt(f)?;
        }
        Ok(())
    }
}

impl At<'_> {
    /// Everything that a change of rules would break or affect; a refusal names only the first kind
    ///
    /// Ask it about a [`Reshape`], or about a range to reserve. A finding blocks exactly if
    /// [`Engine::decide`](crate::Engine::decide) refuses the same command at the same time. For any other command,
    /// that refusal is the only finding. The findings describe the state after the change, so an empty `Reshape`
    /// lists what violates the present rules. An address in an auto-only range is a finding only if the range is new.
    ///
    /// Costs a look at what is in use outside the new shape, or withheld by it, in each family; and, for a
    /// `Reshape`, at every interface of the engine.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let shrink = Reshape::new(subnet).v4("10.0.0.128/25".parse().unwrap());
    /// let impact = engine.at(Timestamp::ZERO).impact(&shrink.into());
    /// assert_eq!(impact.blocking().count(), 2);
    /// let lost = "`10.0.0.4`, assigned to `eni-1`, would lie outside";
    /// assert_eq!(impact.findings[0].to_string(), lost);
    ///
    /// let grow = Reshape::new(subnet).v4("10.0.0.0/16".parse().unwrap());
    /// assert_eq!(engine.at(Timestamp::ZERO).impact(&grow.into()).findings, []);
    /// ```
    pub fn impact(&self, command: &Command) -> Impact {
        let view = self.view();
        let mut findings = Vec::new();
        match command {
            Command::Reshape(request) => {
                if let Err(error) = of_shape(&self.state, &view, request, &mut findings) {
                    findings.push(refused(error));
                }
            }
            Command::ReserveRange(request) => {
                if let Err(error) = of_range(&view, request, &mut findings) {
                    findings.push(refused(error));
                }
            }
            other => {
                let mut result = Ok(draft::blank(&self.state, self.time));
                decide_into(&self.state, other, &mut result, &mut Places::new());
                findings.extend(result.err().map(refused));
            }
        }
        Impact { findings }
    }
}

fn refused(error: Error) -> Finding {
    Finding::Refused { error: Box::new(error) }
}

fn of_shape(
    state: &State,
    view: &View<'_>,
    request: &Reshape,
    findings: &mut Vec<Finding>,
) -> Result<(), Error> {
    let plan = Plan::of(view, request)?;
    findings.extend(plan.faults(view).map(refused));
    for family in Family::ALL {
        let Some(block) = view.block(plan.ix, family) else { continue };
        let mut found = BTreeMap::new();
        for of in plan.outside(view, family) {
            found.extend(lost(view, &block, of).map(|finding| (of.offset, finding)));
        }
        for of in plan.withheld_by_rule(view, family) {
            let blocks = plan.strict && of.is_news();
            let finding = withheld(view, &block, of.used, of.cause, blocks);
            found.extend(finding.map(|finding| (of.used.offset, finding)));
        }
        let others = block.reservations().filter(|(_, kind)| *kind != Reservation::AutoOnly);
        for (range, kind) in others {
            for of in used_against(&block, range, kind) {
                let finding = || withheld(view, &block, of, availability::reserved(kind), false);
                if !found.contains_key(&of.offset) {
                    found.extend(finding().map(|finding| (of.offset, finding)));
                }
            }
        }
        findings.extend(found.into_values());
        let lost = plan.reserved_outside(view, family).into_iter();
        findings.extend(lost.map(|(range, kind)| Finding::ReservationLost { range, kind }));
    }
    findings.extend(over_quota(state, view, &plan));
    Ok(())
}

fn of_range(
    view: &View<'_>,
    request: &ReserveRange,
    findings: &mut Vec<Finding>,
) -> Result<(), Error> {
    let ReserveRange { subnet: id, range, kind } = *request;
    let (ix, _) = lookup::subnet(view, &id)?;
    let block = lookup::block(view, id, ix, range.family())?;
    let span = block.offsets(range).ok_or(Error::RangeOutside { subnet: id, range })?;
    let parts = block.space.reserved_within(span);
    let overlapping = parts.filter_map(|part| block.space.reservation_at(part.first));
    findings.extend(overlapping.map(|other| {
        let other = block.range(other);
        refused(Error::ReservationOverlap { range, other })
    }));
    for of in used_against(&block, span, kind) {
        let cause = block.withheld_by_rule(of.offset).unwrap_or(availability::reserved(kind));
        findings.extend(withheld(view, &block, of, cause, false));
    }
    Ok(())
}

/// What of a reserved range is used against its kind: prefixes are what a range may be left to
fn used_against<'b>(
    block: &'b BlockView<'_>,
    range: Span,
    kind: Reservation,
) -> impl Iterator<Item = Used> + 'b {
    let is_against = move |of: &Used| kind != Reservation::PrefixOnly || of.prefix.is_none();
    used(block, range).filter(is_against)
}

/// The finding about an address in use, or in quarantine, that would lie outside
fn lost(view: &View<'_>, block: &BlockView<'_>, of: Used) -> Option<Finding> {
    let Used { address, prefix, .. } = of;
    Some(match of.occupant {
        Occupant::Assigned(by) | Occupant::Held(by) => {
            let held = of.occupant.kind() == Kind::Held;
            Finding::Lost { address, prefix, interface: view.interface_id(by)?, held }
        }
        Occupant::Resting(rest) => {
            Finding::RestEnds { address, prefix, until: block.rest(rest)?.until }
        }
    })
}

/// The finding about an address in use, or in quarantine, that would be withheld
fn withheld(
    view: &View<'_>,
    block: &BlockView<'_>,
    of: Used,
    cause: Cause,
    blocks: bool,
) -> Option<Finding> {
    let Used { address, prefix, .. } = of;
    Some(match of.occupant {
        Occupant::Assigned(by) | Occupant::Held(by) => {
            let held = of.occupant.kind() == Kind::Held;
            Finding::Withheld {
                address,
                prefix,
                interface: view.interface_id(by)?,
                held,
                cause,
                blocks,
            }
        }
        Occupant::Resting(rest) => {
            Finding::RestWithheld { address, prefix, until: block.rest(rest)?.until, cause }
        }
    })
}

/// The interfaces whose home is the subnet and that exceed their quota, as its rules would count
fn over_quota(state: &State, view: &View<'_>, plan: &Plan<'_>) -> Vec<Finding> {
    let rule = plan.profile().quota;
    let families: &[Family] = if rule.per_family { &Family::ALL } else { &[Family::V4] };
    let at_home = |ix: Ix<InterfaceId>| view.interface(ix).filter(|of| of.home == plan.ix);
    let mut home_interfaces: Vec<(InterfaceId, &Interface)> =
        state.interfaces.iter().filter_map(|(ix, id, _)| Some((id, at_home(ix)?))).collect();
    home_interfaces.sort_unstable_by_key(|&(id, _)| id);
    let mut found = Vec::new();
    for (interface, of) in home_interfaces {
        let Some(quota) = of.quota() else { continue };
        for &family in families {
            let held = of.slots(family, rule);
            if held > quota.into() {
                let family = rule.per_family.then_some(family);
                found.push(Finding::OverQuota { interface, family, quota, held });
            }
        }
    }
    found
}
