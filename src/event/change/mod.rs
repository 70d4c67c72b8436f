//! One fact of an event: a file for each kind, with what it says and how a log shows it
//!
//! `+` and `-` stand before what an interface is given and what is taken from it. Long lists are cut short. Every
//! field is taken apart by name, so that a new one is not forgotten.

mod addresses;
mod feed;
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

use crate::id::SubnetId;
use crate::space::list::AddrList;
use crate::text::Few;

/// One fact about the state
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Change {
    /// A VPC came into being
    VpcCreated(VpcCreated),
    /// A VPC is gone
    VpcDeleted(VpcDeleted),
    /// A subnet came into being
    SubnetCreated(SubnetCreated),
    /// A subnet's CIDRs and rules were set; what rested outside them rests no more
    SubnetReshaped(SubnetReshaped),
    /// A subnet is gone, and with it its reservations, and the rest of what rested in it
    SubnetDeleted(SubnetDeleted),
    /// An interface came into being
    InterfaceCreated(InterfaceCreated),
    /// An interface, which had nothing left, is gone
    InterfaceDeleted(InterfaceDeleted),
    /// An interface's state was set
    StatusSet(StatusSet),
    /// An interface's quota was set
    QuotaSet(QuotaSet),
    /// An address that the interface has became its primary; the one before, if any, is secondary
    PrimarySet(PrimarySet),
    /// A range was withheld
    RangeReserved(RangeReserved),
    /// A range is no longer withheld
    RangeReleased(RangeReleased),
    /// A subnet's indices were set
    IndicesSet(IndicesSet),
    /// A subnet's policy was set, and begins anew
    PolicySet(PolicySet),
    /// The cursor of a subnet that follows [`Policy::Next`](crate::Policy::Next) has moved
    CursorMoved(CursorMoved),
    /// A subnet that follows [`Policy::Random`](crate::Policy::Random) has drawn
    Drawn(Drawn),
    /// Addresses of one subnet and family were assigned
    Assigned(Assigned),
    /// Addresses of one subnet and family were released; a primary among them is no more
    Released(Released),
    /// The same, and they rest
    Quarantined(Box<Quarantined>),
    /// Addresses that rested are free before their time
    RestEnded(RestEnded),
    /// Addresses of one subnet were assigned until further notice
    Held(Box<Held>),
    /// A hold took in addresses of another subnet
    HoldExtended(Box<HoldExtended>),
    /// A hold came to its end
    TaskFinished(Box<TaskFinished>),
    /// An answer is kept under a token
    TokenKept(Box<TokenKept>),
    /// The engine's limits were set
    LimitsSet(LimitsSet),
    /// What had fallen due was done; every event does so, and this one does nothing else
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

/// One line: the fact
impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        each_fact!(self, fact => fact.fmt(f))
    }
}

fn runs(addresses: &AddrList) -> impl Display {
    Few(addresses.parts())
}

impl Change {
    /// What it assigns, holds or releases, if it does
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

    /// What it gives an interface, and the subnet where that lies
    pub(crate) fn given(&self) -> Option<(SubnetId, &AddrList)> {
        match self {
            Self::Assigned(of) => Some((of.subnet, &of.addresses)),
            Self::Held(of) => Some((of.subnet, &of.addresses)),
            Self::HoldExtended(of) => Some((of.subnet, &of.addresses)),
            _ => None,
        }
    }
}
