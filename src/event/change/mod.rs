//! The facts of events: a file for each kind, with its fields and its one-line form
//!
//! In one-line forms, `+` stands before what an interface gets and `-` before what it loses. Long lists are cut
//! short. The code names every field, so that a new one is not forgotten.

mod addresses;
mod interface;
mod policy;
mod reservation;
mod subnet;
mod task;
mod time;
mod token;
mod vpc;

pub use addresses::{Assigned, Quarantined, Released, RestEnded};
pub use interface::{InterfaceCreated, InterfaceDeleted, PrimarySet, QuotaSet, StatusSet};
pub use policy::{CursorMoved, Drawn, IndicesSet, PolicySet};
pub use reservation::{RangeReleased, RangeReserved};
pub use subnet::{SubnetCreated, SubnetDeleted, SubnetReshaped};
pub use task::{End, Failure, Held, HoldExtended, OnExpiry, TaskFinished};
pub use time::Swept;
pub use token::{LimitsSet, TokenKept};
pub use vpc::{VpcCreated, VpcDeleted};

use alloc::boxed::Box;
use core::fmt::{self, Display, Formatter};

use crate::bytes::choices;
use crate::id::SubnetId;
use crate::space::list::AddrList;
use crate::text::Few;

/// One fact about the state
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Change {
    /// A VPC was created
    VpcCreated(VpcCreated),
    /// A VPC was deleted
    VpcDeleted(VpcDeleted),
    /// A subnet was created
    SubnetCreated(SubnetCreated),
    /// A subnet's CIDRs and rules were set; the quarantine of addresses outside them ended
    SubnetReshaped(SubnetReshaped),
    /// A subnet was deleted, with its reservations and the quarantine of its addresses
    SubnetDeleted(SubnetDeleted),
    /// An interface was created
    InterfaceCreated(InterfaceCreated),
    /// An interface that had nothing left was deleted
    InterfaceDeleted(InterfaceDeleted),
    /// An interface's state was set
    StatusSet(StatusSet),
    /// An interface's quota was set
    QuotaSet(QuotaSet),
    /// An address of the interface became its primary; the previous primary, if any, became secondary
    PrimarySet(PrimarySet),
    /// A range was reserved
    RangeReserved(RangeReserved),
    /// The reservation of a range ended
    RangeReleased(RangeReleased),
    /// A subnet's indices were set
    IndicesSet(IndicesSet),
    /// A subnet's policy was set, and starts afresh
    PolicySet(PolicySet),
    /// The cursor of a subnet that follows [`Policy::Next`](crate::Policy::Next) has moved
    CursorMoved(CursorMoved),
    /// A subnet that follows [`Policy::Random`](crate::Policy::Random) has drawn
    Drawn(Drawn),
    /// Addresses of one subnet and family were assigned
    Assigned(Assigned),
    /// Addresses of one subnet and family were released; a primary among them is no longer one
    Released(Released),
    /// Addresses were released into quarantine
    Quarantined(Box<Quarantined>),
    /// Addresses left quarantine before its end
    RestEnded(RestEnded),
    /// Addresses of one subnet were held for an interface
    Held(Box<Held>),
    /// A hold was extended to addresses of another subnet
    HoldExtended(Box<HoldExtended>),
    /// A hold ended
    TaskFinished(Box<TaskFinished>),
    /// An answer was kept under a token
    TokenKept(Box<TokenKept>),
    /// The engine's limits were set
    LimitsSet(LimitsSet),
    /// Expired deadlines were processed; every event does this, and this one does nothing else
    Swept,
}

/// The same for the fact of a change, whichever it is
macro_rules! each_fact {
    ($change:expr, $fact:ident => $result:expr) => {
        $crate::event::each_fact!($change, $fact => $result;
            VpcCreated VpcDeleted SubnetCreated SubnetReshaped SubnetDeleted InterfaceCreated
            InterfaceDeleted StatusSet QuotaSet PrimarySet RangeReserved RangeReleased IndicesSet
            PolicySet CursorMoved Drawn Assigned Released Quarantined RestEnded Held HoldExtended
            TaskFinished TokenKept LimitsSet)
    };
    ($change:expr, $fact:ident => $result:expr; $($kind:ident)*) => {
        match $change {
            $($crate::event::Change::$kind($fact) => $result,)*
            $crate::event::Change::Swept => {
                let $fact = &$crate::event::Swept;
                $result
            }
        }
    };
}

pub(crate) use each_fact;

/// One line that states the fact
impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        each_fact!(self, fact => fact.fmt(f))
    }
}

fn runs(addresses: &AddrList) -> impl Display {
    Few(addresses.parts())
}

impl Change {
    /// The addresses that it assigns, holds or releases, if any
    pub(crate) fn addresses(&self) -> &AddrList {
        match self {
            Self::Assigned(of) => &of.addresses,
            Self::Released(of) => &of.addresses,
            Self::Quarantined(of) => &of.addresses,
            Self::Held(of) => &of.addresses,
            Self::HoldExtended(of) => &of.addresses,
            _ => AddrList::none(),
        }
    }

    /// Addresses and prefixes that it newly assigns or holds
    pub(crate) fn assigns(&self) -> u128 {
        self.given().map_or(0, |(_, addresses)| addresses.slots())
    }

    /// The addresses that it gives an interface, and their subnet
    pub(crate) fn given(&self) -> Option<(SubnetId, &AddrList)> {
        match self {
            Self::Assigned(of) => Some((of.subnet, &of.addresses)),
            Self::Held(of) => Some((of.subnet, &of.addresses)),
            Self::HoldExtended(of) => Some((of.subnet, &of.addresses)),
            _ => None,
        }
    }
}

choices! {
    /// The tag of its kind, then the fact
    Change {
        0 VpcCreated(of)
        1 VpcDeleted(of)
        2 SubnetCreated(of)
        3 SubnetDeleted(of)
        4 InterfaceCreated(of)
        5 InterfaceDeleted(of)
        6 StatusSet(of)
        7 QuotaSet(of)
        8 RangeReserved(of)
        9 RangeReleased(of)
        10 Assigned(of)
        11 PrimarySet(of)
        12 Released(of)
        13 IndicesSet(of)
        14 Quarantined(of)
        15 RestEnded(of)
        16 Held(of)
        17 TaskFinished(of)
        18 TokenKept(of)
        19 LimitsSet(of)
        20 Swept
        21 PolicySet(of)
        22 CursorMoved(of)
        23 Drawn(of)
        24 SubnetReshaped(of)
        25 HoldExtended(of)
    }
}
