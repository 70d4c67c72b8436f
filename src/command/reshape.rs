//! Changing the shape of a subnet: its CIDRs, its families, its rules

use core::fmt::{self, Display, Formatter};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::bytes::{encoded_choices, requests};
use crate::id::SubnetId;
use crate::rules::Profile;
use crate::text::when;

/// Change a subnet's CIDRs, its families or its profile
///
/// What the command does not name stays. The new shape is judged as that of a new subnet is: prefix
/// lengths, the VPC's CIDRs, other subnets, the gateway. Nothing may be lost: an address assigned or held, or
/// a reserved range, that would lie outside refuses it. What rests outside does not: the rest ends, as it
/// does with a deleted subnet.
///
/// Addresses that somebody has stay theirs, in their order and with their generations, even where the new
/// rules withhold them: those are withheld once released, unless the command is
/// [`strict`](Self::strict) and is refused for them. Holds keep the end that they began with. A quota stays
/// as it is counted, and what exceeds it is kept. Where IPv4 is added, requests that name no family get IPv4
/// from then on.
///
/// [`At::impact`](crate::At::impact) lists what such a command would meet. It costs a look at all
/// that is in use in the subnet.
///
/// ```
/// use ipam_core::{Profile, Reshape};
///
/// let grow = Reshape::new("subnet-1".parse()?).v4("10.0.0.0/16".parse()?);
/// let dual_stack = Reshape::new("subnet-1".parse()?).v6("2001:db8::/64".parse()?);
/// let ipv6_only = Reshape::new("subnet-1".parse()?).without_v4().profile(Profile::AWS);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Reshape {
    /// The subnet
    pub subnet: SubnetId,
    /// What becomes of its IPv4 addresses
    #[cfg_attr(feature = "serde", serde(default))]
    pub v4: NewCidr<Ipv4Net>,
    /// What becomes of its IPv6 addresses
    #[cfg_attr(feature = "serde", serde(default))]
    pub v6: NewCidr<Ipv6Net>,
    /// Its rules from now on; `None` leaves them
    #[cfg_attr(feature = "serde", serde(default))]
    pub profile: Option<Profile>,
    /// Whether it is refused where addresses that somebody has would be withheld by the new rules, and are
    /// not by those before
    #[cfg_attr(feature = "serde", serde(default))]
    pub strict: bool,
}

/// What becomes of a subnet's addresses of one family
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum NewCidr<N> {
    /// They stay as they are, or are none still
    #[default]
    Kept,
    /// There are none any more
    Dropped,
    /// They are these, without host bits, whether or not there were any
    Set(N),
}

impl<N> NewCidr<N> {
    /// What is there in the place of `before`
    pub(crate) fn over(self, before: Option<N>) -> Option<N> {
        match self {
            Self::Kept => before,
            Self::Dropped => None,
            Self::Set(cidr) => Some(cidr),
        }
    }
}

impl Reshape {
    /// A change of nothing yet
    pub const fn new(subnet: SubnetId) -> Self {
        Self { subnet, v4: NewCidr::Kept, v6: NewCidr::Kept, profile: None, strict: false }
    }

    /// To these IPv4 addresses: more, fewer, or the first ones
    #[must_use]
    pub const fn v4(mut self, cidr: Ipv4Net) -> Self {
        self.v4 = NewCidr::Set(cidr);
        self
    }

    /// To these IPv6 addresses: more, fewer, or the first ones
    #[must_use]
    pub const fn v6(mut self, cidr: Ipv6Net) -> Self {
        self.v6 = NewCidr::Set(cidr);
        self
    }

    /// To these addresses, of either family
    #[must_use]
    pub const fn cidr(self, cidr: IpNet) -> Self {
        match cidr {
            IpNet::V4(cidr) => self.v4(cidr),
            IpNet::V6(cidr) => self.v6(cidr),
        }
    }

    /// Drops the IPv4 addresses
    #[must_use]
    pub const fn without_v4(mut self) -> Self {
        self.v4 = NewCidr::Dropped;
        self
    }

    /// Drops the IPv6 addresses
    #[must_use]
    pub const fn without_v6(mut self) -> Self {
        self.v6 = NewCidr::Dropped;
        self
    }

    /// Replaces the profile
    #[must_use]
    pub const fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Only if no address that somebody has is withheld by it
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }
}

impl Display for Reshape {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, v4, v6, profile, strict } = self;
        write!(f, "reshape subnet {subnet}{}{}", Becomes("IPv4", v4), Becomes("IPv6", v6))?;
        f.write_str(when(profile.is_some(), ", under other rules"))?;
        f.write_str(when(*strict, ", strictly"))
    }
}

/// What becomes of the addresses of a family, after a comma; nothing where they stay
struct Becomes<'n, N>(&'static str, &'n NewCidr<N>);

impl<N: Display> Display for Becomes<'_, N> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self(_, NewCidr::Kept) => Ok(()),
            Self(family, NewCidr::Dropped) => write!(f, ", without {family}"),
            Self(_, NewCidr::Set(cidr)) => write!(f, ", with {cidr}"),
        }
    }
}

requests! {
    Reshape { 1 subnet 2 v4: maybe 3 v6: maybe 4 profile: maybe 5 strict: maybe }
}

encoded_choices! {
    NewCidr<Ipv4Net> { 0 Kept 1 Dropped 2 Set(cidr) }
    NewCidr<Ipv6Net> { 0 Kept 1 Dropped 2 Set(cidr) }
}
