//! Commands: what a caller may ask of an engine, with a file for each command and for each type that several share

mod adopt;
mod assign;
mod cancel;
mod confirm;
mod create_interface;
mod create_subnet;
mod create_vpc;
mod delete_interface;
mod delete_subnet;
mod delete_vpc;
mod display;
mod ensure_count;
mod hold;
mod limits;
mod move_addresses;
mod once;
mod pick;
mod primary;
mod release_range;
mod replace_primary;
mod reserve_range;
mod reshape;
mod resolve;
mod rest;
mod set_cursor;
mod set_indices;
mod set_limits;
mod set_policy;
mod set_quota;
mod set_status;
mod source;
mod unassign;

pub use adopt::Adopt;
pub use assign::Assign;
pub use cancel::Cancel;
pub use confirm::Confirm;
pub use create_interface::CreateInterface;
pub use create_subnet::CreateSubnet;
pub use create_vpc::CreateVpc;
pub use delete_interface::DeleteInterface;
pub use delete_subnet::DeleteSubnet;
pub use delete_vpc::DeleteVpc;
pub use ensure_count::EnsureCount;
pub use hold::{Expiry, Hold};
pub use limits::Limits;
pub use move_addresses::Move;
pub use once::{NestedOnce, Once};
pub use pick::{Pick, Wanted, WantedPrefix};
pub use primary::Primary;
pub use release_range::ReleaseRange;
pub use replace_primary::{OldPrimary, ReplacePrimary};
pub use reserve_range::ReserveRange;
pub(crate) use reserve_range::of_kind;
pub use reshape::{NewCidr, Reshape};
pub use resolve::Resolve;
pub use rest::Rest;
pub use set_cursor::SetCursor;
pub use set_indices::SetIndices;
pub use set_limits::SetLimits;
pub use set_policy::SetPolicy;
pub use set_quota::SetQuota;
pub use set_status::SetStatus;
pub use source::Source;
pub use unassign::{Stale, Unassign};

use core::fmt::{self, Display, Formatter};

use crate::bytes::{Encode, Sink, hash_of};

/// All commands: the tag that each has in its digest, and its struct
macro_rules! commands {
    ($($(#[$doc:meta])* $tag:literal $name:ident,)*) => {
        /// One request, which is carried out as a whole or not at all
        ///
        /// With the feature `serde`, a command may be written in JSON without the fields that its constructors
        /// default. Whatever is unknown is refused by name. [`Profile`](crate::Profile) says how to write a profile.
        ///
        /// ```json
        /// {"CreateVpc": {"vpc": "vpc-1"}}
        /// {"CreateSubnet": {"subnet": "subnet-1", "vpc": "vpc-1", "v4": "10.0.0.0/24", "profile": "AWS"}}
        /// {"CreateInterface": {"interface": "eni-1", "subnet": "subnet-1"}}
        /// {"Assign": {"interface": "eni-1", "pick": {"count": 1}}}
        /// {"Unassign": {"interface": "eni-1", "addresses": ["10.0.0.9"]}}
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub enum Command {
            $($(#[$doc])* $name($name),)*
            /// Carry out a command once, however often it is sent
            Once(Once),
            /// Process passed deadlines, and do nothing else
            ///
            /// Every command that changes something does so as well. If no deadline has passed, nothing changes.
            // There is nothing to say of it. Were it to hold a struct, its JSON form would not be a mere `"Sweep"`.
            Sweep,
        }

        /// One line that says what is asked for
        ///
        /// It names every field that differs from its default, and cuts long lists short.
        ///
        /// ```
        /// use ipam_core::{Assign, Command, Pick};
        ///
        /// let assign = Assign::new("eni-1".parse()?, Pick::any(2)).from_subnet("subnet-a".parse()?);
        /// assert_eq!(Command::from(assign).to_string(), "assign any 2 to eni-1 from subnet-a");
        /// # Ok::<(), ipam_core::IdError>(())
        /// ```
        impl Display for Command {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$name(request) => request.fmt(f),)*
                    Self::Once(request) => request.fmt(f),
                    Self::Sweep => f.write_str("sweep"),
                }
            }
        }

        $(
            impl From<$name> for Command {
                fn from(request: $name) -> Self {
                    Self::$name(request)
                }
            }
        )*

        impl From<Once> for Command {
            fn from(request: Once) -> Self {
                Self::Once(request)
            }
        }

        /// The tag of the command, then what is asked for
        impl Encode for Command {
            fn write(&self, to: &mut impl Sink) {
                match self {
                    $(Self::$name(request) => {
                        to.byte($tag);
                        request.write(to);
                    })*
                    Self::Once(request) => {
                        to.byte(19);
                        request.write(to);
                    }
                    Self::Sweep => to.byte(21),
                }
            }
        }

        /// The command inside a [`Once`], as it is read: the same variants in the same order, and no `Once`
        ///
        /// To read a [`Command`] there and refuse it afterwards would first build it, however deep it goes.
        #[cfg(feature = "serde")]
        #[derive(serde::Deserialize)]
        #[serde(rename = "Command")]
        enum Inner {
            $($name($name),)*
            Once(once::Nothing),
            Sweep,
        }

        #[cfg(feature = "serde")]
        impl From<Inner> for Command {
            fn from(read: Inner) -> Self {
                match read {
                    $(Inner::$name(request) => Self::$name(request),)*
                    Inner::Once(nothing) => match nothing {},
                    Inner::Sweep => Self::Sweep,
                }
            }
        }
    };
}

commands! {
    /// Create a VPC; its subnets must lie in one of its CIDRs, if it has any
    0 CreateVpc,
    /// Delete a VPC that has no subnets
    1 DeleteVpc,
    /// Create a subnet
    2 CreateSubnet,
    /// Delete a subnet that is no interface's home and has no assigned or held addresses
    3 DeleteSubnet,
    /// Change a subnet's CIDRs, its families or its profile
    22 Reshape,
    /// Create an interface
    4 CreateInterface,
    /// Delete an interface and release everything it has
    5 DeleteInterface,
    /// Set an interface's state
    6 SetStatus,
    /// Set an interface's quota; the interface keeps what it has
    7 SetQuota,
    /// Reserve a range of a subnet: for nobody, for requests that name its addresses, or for prefixes
    8 ReserveRange,
    /// End a reservation that was made with exactly this range
    9 ReleaseRange,
    /// Set which indices of free addresses a subnet keeps; a new subnet keeps none
    10 SetIndices,
    /// Set the policy by which a subnet chooses addresses
    23 SetPolicy,
    /// Set where a subnet that follows [`Policy::Next`](crate::Policy::Next) looks for the next address
    24 SetCursor,
    /// Assign addresses to an interface
    11 Assign,
    /// Ensure that an interface has a number of secondary addresses
    12 EnsureCount,
    /// Record addresses that an interface has in the real network
    25 Adopt,
    /// Release addresses of an interface
    13 Unassign,
    /// Move addresses from one interface to another of the same subnet
    14 Move,
    /// Give an interface another primary address
    15 ReplacePrimary,
    /// Confirm a hold: the cloud call has succeeded
    16 Confirm,
    /// Cancel a hold: the cloud call has failed
    17 Cancel,
    /// End a hold with what was observed on the interface
    18 Resolve,
    /// Set how much the engine keeps for callers that come back
    20 SetLimits,
}

impl Command {
    /// Digest of what is asked for, by which a repeated command under a token is recognised ([`Once`])
    ///
    /// It leaves out deadlines, reasons and the request that a hold serves, so these may differ in a retry. It is the
    /// same on every platform. A field that a later release adds does not change it, as long as the field has its
    /// default.
    ///
    /// ```
    /// use ipam_core::{Assign, Cancel, Command, Pick, Revision, Task};
    ///
    /// let task = Task::new(Revision::new(7), 0);
    /// let (once, again) = (Cancel::new(task), Cancel::new(task).because("timeout".parse()?));
    /// assert_eq!(Command::from(once).digest(), Command::from(again).digest());
    ///
    /// let [one, two] = [1, 2].map(|count| Assign::new("eni-1".parse().unwrap(), Pick::any(count)));
    /// assert_ne!(Command::from(one).digest(), Command::from(two).digest());
    /// # Ok::<(), ipam_core::IdError>(())
    /// ```
    pub fn digest(&self) -> u64 {
        hash_of(|to| self.write(to))
    }
}
