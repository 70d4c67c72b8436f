//! How a profile is read from JSON: by a preset's name, with or without fields that differ, or in full

use alloc::borrow::Cow;
use core::fmt::{self, Formatter};

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::presets::NAMES;
use super::{
    FamilyRules, FreeAddress, Gateway, ListAndCount, OwnAddress, Profile, Quarantine, QuotaRule,
    SmallSubnet,
};
use crate::bytes::given;
use crate::space::address::Family;
use crate::status::Statuses;

/// What a form says of a value; the rest comes from a base, if there is one
trait Part<T> {
    fn over<E: Error>(self, base: Option<T>) -> Result<T, E>;
}

/// A value that is said as a whole
impl<T> Part<T> for T {
    fn over<E: Error>(self, _: Option<T>) -> Result<T, E> {
        Ok(self)
    }
}

/// For each struct, the part of it that a form says: every field may be left out
///
/// A value after a field's `or` is the base of that field where the whole has none.
macro_rules! parts {
    ($($part:ident of $whole:ident $(on $preset:ident)? {
        $($field:ident: $said:ty $(, or $base:expr)?;)*
    })*) => {$(
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $part {
            $(
                #[serde(default, deserialize_with = "given")]
                $preset: Option<Preset>,
            )?
            $(
                #[serde(default, deserialize_with = "given")]
                $field: Option<$said>,
            )*
        }

        impl Part<$whole> for $part {
            fn over<E: Error>(self, base: Option<$whole>) -> Result<$whole, E> {
                Ok($whole {$(
                    $field: match (self.$field, base.map(|base| base.$field)) {
                        (Some(said), base) => said.over(base$(.or(Some($base)))?)?,
                        (None, Some(base)) => base,
                        (None, None) => return Err(E::missing_field(stringify!($field))),
                    },
                )*})
            }
        }
    )*};
}

parts! {
    ProfilePart of Profile on preset {
        v4: FamilyPart, or FamilyRules::open(Family::V4);
        v6: FamilyPart, or FamilyRules::open(Family::V6);
        list_and_count: ListAndCount;
        own_address: OwnAddress;
        free_address: FreeAddress;
        assign_primary: bool;
        unassign_primary: bool;
        quota: QuotaPart;
        assign_in: Statuses;
        quarantine: QuarantinePart, or Quarantine::NONE;
        replace_primary: bool;
        one_task: bool;
    }
    FamilyPart of FamilyRules {
        first: u32;
        last: u32;
        gateway: Gateway;
        small: SmallSubnet;
        shortest_prefix: u8;
        longest_prefix: u8;
    }
    QuotaPart of QuotaRule {
        per_family: bool;
        counts_primary: bool;
    }
    QuarantinePart of Quarantine {
        millis: u64;
        take_back: bool;
        when_exhausted: bool;
    }
}

/// A preset, which is read by its name
struct Preset(Profile);

impl<'de> Deserialize<'de> for Preset {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = Cow::<str>::deserialize(from)?;
        preset(&name).map(Self)
    }
}

fn preset<E: Error>(name: &str) -> Result<Profile, E> {
    Profile::preset(name).ok_or_else(|| E::unknown_variant(name, NAMES))
}

/// A profile as a format that is not readable has it
#[derive(Deserialize)]
#[serde(remote = "Profile", deny_unknown_fields)]
struct Whole {
    v4: FamilyRules,
    v6: FamilyRules,
    list_and_count: ListAndCount,
    own_address: OwnAddress,
    free_address: FreeAddress,
    assign_primary: bool,
    unassign_primary: bool,
    quota: QuotaRule,
    assign_in: Statuses,
    quarantine: Quarantine,
    replace_primary: bool,
    one_task: bool,
}

struct Readable;

impl<'de> Visitor<'de> for Readable {
    type Value = Profile;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a profile: the name of a preset, or an object")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Profile, E> {
        preset(name)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Profile, A::Error> {
        let part = ProfilePart::deserialize(MapAccessDeserializer::new(fields))?;
        let base = part.preset.as_ref().map(|preset| preset.0);
        part.over(base)
    }
}

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            from.deserialize_any(Readable)
        } else {
            Whole::deserialize(from)
        }
    }
}
