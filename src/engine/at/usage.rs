//! How much of a subnet is used, and why an address would or would not be assigned

use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use super::deadlines::Resting;
use super::query::{self, Holder};
use crate::engine::Questions;
use crate::engine::judge::availability;
use crate::error::Cause;
use crate::id::{SubnetId, VpcId};
use crate::space::Reservation;
use crate::space::address::Family;
use crate::state::occupant::{Kind, Occupant};
use crate::state::view::BlockView;
use crate::text::FewPhrases;

/// How much of a subnet is used, by family
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Usage {
    /// Counters of IPv4; `None` if the subnet has none
    pub v4: Option<FamilyUsage>,
    /// Counters of IPv6; `None` if the subnet has none
    pub v6: Option<FamilyUsage>,
}

/// Counts of addresses of one family; except for `auto_only` and `prefix_only`, the other counts add up to `total`
///
/// 2^128, the size of ::/0, saturates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FamilyUsage {
    /// All addresses of the family
    pub total: u128,
    /// Withheld by the profile's rules, and neither assigned, held nor in quarantine
    pub structural: u128,
    /// Withheld only by reserved ranges, and neither assigned, held nor in quarantine; what the rules withhold as
    /// well is `structural`
    pub reserved: u128,
    /// Of the reserved addresses, those in auto-only ranges, which a request may name if it says so
    pub auto_only: u128,
    /// Of the reserved addresses, those in prefix-only ranges
    pub prefix_only: u128,
    /// Assigned
    pub assigned: u128,
    /// Held, awaiting confirmation
    pub held: u128,
    /// Released, and in quarantine
    pub quarantined: u128,
    /// Free: may be chosen, and named by any request
    pub free: u128,
}

impl Usage {
    /// The counters of `family`; `None` if the subnet has no addresses of it
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let usage = engine.at(Timestamp::ZERO).subnet_usage(subnet).unwrap();
    /// assert_eq!(usage.family(Family::V4).map(|of| of.assigned), Some(2));
    /// assert_eq!(usage.family(Family::V6), None);
    /// ```
    pub const fn family(&self, family: Family) -> Option<FamilyUsage> {
        match family {
            Family::V4 => self.v4,
            Family::V6 => self.v6,
        }
    }
}

impl FamilyUsage {
    /// Free for a request that names them and accepts auto-only ranges
    pub const fn free_explicit(&self) -> u128 {
        self.free.saturating_add(self.auto_only)
    }

    /// Neither withheld by rules nor reserved, whether in use or not
    pub const fn capacity(&self) -> u128 {
        let had = self.assigned.saturating_add(self.held).saturating_add(self.quarantined);
        self.free.saturating_add(had)
    }
}

/// Why an address would or would not be assigned, and who has it
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Explanation {
    /// The subnet that the address lies in
    pub subnet: Option<SubnetId>,
    /// The interface that has it
    pub holder: Option<Holder>,
    /// Its quarantine, if it is in one
    pub rest: Option<Resting>,
    /// Everything that keeps it from being assigned, in order of precedence; empty if nothing does
    pub causes: Vec<Cause>,
}

impl Explanation {
    /// Whether an interface that names the address would get it, if its quota and state allow
    pub fn is_free(&self) -> bool {
        self.causes.is_empty()
    }
}

/// One line: each family that the subnet has
impl Display for Usage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let families =
            Family::ALL.into_iter().filter_map(|family| Some((family, self.family(family)?)));
        for (index, (family, usage)) in families.enumerate() {
            let before = if index == 0 { "" } else { "; " };
            write!(f, "{before}{family}: {usage}")?;
        }
        Ok(())
    }
}

/// One line: what is free, and of the rest what there is
impl Display for FamilyUsage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            total, structural, reserved, auto_only: _, prefix_only: _, assigned, held, ..
        } = *self;
        write!(f, "{} free of {total}", self.free)?;
        let parts = [
            (assigned, "assigned"),
            (held, "held"),
            (self.quarantined, "in quarantine"),
            (reserved, "reserved"),
            (structural, "withheld by the profile"),
        ];
        for (index, (count, what)) in parts.into_iter().filter(|&(count, _)| count > 0).enumerate()
        {
            let before = if index == 0 { ":" } else { "," };
            write!(f, "{before} {count} {what}")?;
        }
        Ok(())
    }
}

/// One line: the subnet, and everything that keeps the address from being assigned
impl Display for Explanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(subnet) = self.subnet {
            write!(f, "in subnet `{subnet}`: ")?;
        }
        if self.is_free() {
            return f.write_str("is free");
        }
        FewPhrases(self.causes.iter()).fmt(f)
    }
}

impl Questions {
    /// How much of a subnet is used: every counter
    ///
    /// `None` if there is no such subnet. Costs a look-up.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let usage = engine.at(Timestamp::ZERO).subnet_usage(subnet).unwrap().v4.unwrap();
    /// assert_eq!((usage.total, usage.structural, usage.assigned), (256, 5, 2));
    /// assert_eq!(usage.free, 249);
    /// assert_eq!(usage.to_string(), "249 free of 256: 2 assigned, 5 withheld by the profile");
    /// ```
    pub fn subnet_usage(&self, subnet: SubnetId) -> Option<Usage> {
        let (view, ix) = (self.view(), self.state.subnets.find(&subnet)?);
        let of = |family| Some(usage(&view.block(ix, family)?));
        Some(Usage { v4: of(Family::V4), v6: of(Family::V6) })
    }

    /// Why an address of a VPC would or would not be assigned, and who has it
    ///
    /// An address outside every subnet of the VPC is out of range, and so is every address of a VPC that does not
    /// exist. Costs a look-up.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let now = Timestamp::ZERO;
    /// let taken = engine.at(now).explain_address(vpc, "10.0.0.4".parse().unwrap());
    /// assert_eq!(taken.causes, [Cause::InUse { by: eni }]);
    /// let gateway = engine.at(now).explain_address(vpc, "10.0.0.1".parse().unwrap());
    /// assert_eq!(gateway.causes, [Cause::Gateway]);
    /// assert_eq!(gateway.to_string(), "in subnet `subnet-1`: is the gateway");
    /// assert!(engine.at(now).explain_address(vpc, "10.0.0.9".parse().unwrap()).is_free());
    /// ```
    pub fn explain_address(&self, vpc: VpcId, address: IpAddr) -> Explanation {
        let view = &self.view();
        let located = self.locate(vpc, address).and_then(|(subnet, block, offset)| {
            let seen = view.block(subnet, block.family)?;
            let causes = availability::blocked(view, &seen, offset).collect();
            let holder = query::holder(view, subnet, block.family, offset);
            let rest = match seen.occupant(offset) {
                Some(Occupant::Resting(rest)) => {
                    let rest = seen.rest(rest)?;
                    Some(Resting {
                        address,
                        prefix: seen.prefix_at(offset).map(|span| block.prefix(span)),
                        until: rest.until,
                        by: rest.by.id(),
                        since: seen.generation(offset)?,
                        reason: rest.reason.as_deref().copied(),
                    })
                }
                _ => None,
            };
            Some(Explanation { subnet: self.state.subnets.id(subnet), holder, rest, causes })
        });
        let nowhere = || Explanation {
            subnet: None,
            holder: None,
            rest: None,
            causes: alloc::vec![Cause::OutOfRange],
        };
        located.unwrap_or_else(nowhere)
    }
}

fn usage(block: &BlockView<'_>) -> FamilyUsage {
    FamilyUsage {
        total: block.space.whole().count(),
        structural: block.space().structural(),
        reserved: block.space().withheld(),
        auto_only: block.space().withheld_as(Reservation::AutoOnly),
        prefix_only: block.space().withheld_as(Reservation::PrefixOnly),
        assigned: block.count(Kind::Assigned),
        held: block.count(Kind::Held),
        quarantined: block.count(Kind::Resting),
        free: block.space().free(),
    }
}
