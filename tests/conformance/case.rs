//! One case: a record of the file, read strictly
//!
//! Whatever is not in the tables below is refused, so that no part of a case goes unread.

use std::net::IpAddr;

use ipam_core::AddrRange;
use ipam_core::ipnet::IpNet;
use serde_json::{Map, Value};

use crate::space;

/// What a record may state
const RECORD: &[&str] = &[
    "id",
    "source",
    "class",
    "note",
    "provider",
    "subnet",
    "reserved",
    "auto_reserved",
    "gateway",
    "reserve_rule",
    "policy",
    "start_offset",
    "static_band_size",
    "window_bits",
    "cooldown_secs",
    "release_free",
    "quota_per_interface",
    "interfaces",
    "ops",
];

const POLICIES: &[&str] = &["lowest", "any", "next", "next_from", "band", "best_fit"];

/// An operation of the format: its name, its arguments, what it takes of the engine
///
/// Every operation may also carry `op`, `expect` and `note`.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    args: &'static [&'static str],
}

pub(crate) const OPERATIONS: &[Operation] = &[
    known(
        "assign",
        &[
            "addr",
            "addrs",
            "count",
            "owner",
            "range",
            "primary",
            "allow_reassignment",
            "idempotent",
            "override",
            "band",
            "strict",
        ],
    ),
    known("release", &["addr", "owner", "force"]),
    known("release_nth", &["owner", "index"]),
    known("reserve", &["addr", "cidr", "range"]),
    known("assign_prefix", &["len", "cidr", "repeat", "owner"]),
    known("release_prefix", &["cidr", "owner"]),
    known("free_prefixes", &[]),
    known("assign_range", &["size", "owner"]),
    known("free", &["subnet"]),
    known("used", &["subnet"]),
    known("capacity", &["subnet"]),
    known("cooling", &["subnet"]),
    known("has", &["addr"]),
    known("list", &["subnet"]),
    known("free_ranges", &["subnet"]),
    known("last_assigned", &[]),
    known("last_address", &["subnet"]),
    known("nth", &["offset", "subnet"]),
    known("add_subnet", &["cidr"]),
    known("assign_each", &["subnets", "owner"]),
    known("snapshot", &["as"]),
    known("restore", &["from", "cidr"]),
    known("set_cursor", &["addr"]),
    known("tick", &["secs"]),
    known("set_nic_state", &["owner", "state"]),
    known("migrate", &["addr", "from", "to"]),
];

const fn known(name: &'static str, args: &'static [&'static str]) -> Operation {
    Operation { name, args }
}

/// A case, its addresses and ranges read and masked
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) provider: String,
    pub(crate) subnet: IpNet,
    pub(crate) reserved: Vec<AddrRange>,
    pub(crate) gateway: Option<IpAddr>,
    /// Addresses withheld at the low end and at the high end
    pub(crate) reserve_rule: Option<(u128, u128)>,
    pub(crate) policy: String,
    /// Of the policy `next_from`, counted from the first usable address
    pub(crate) start_offset: u128,
    /// Of the policy `band`, how many of the lowest usable addresses are the lower band
    pub(crate) static_band_size: u128,
    pub(crate) window_bits: Option<u128>,
    pub(crate) quota: Option<u128>,
    /// The only interfaces that exist; `None` is any that is named
    pub(crate) interfaces: Option<Vec<String>>,
    pub(crate) releasing_free_is_noop: bool,
    /// How long a released address rests
    pub(crate) cooldown_millis: u64,
    /// What automatic picks skip
    pub(crate) auto_reserved: Vec<AddrRange>,
    pub(crate) ops: Vec<Op>,
}

/// One operation of a case, and the answer that it must get
#[derive(Debug)]
pub(crate) struct Op {
    pub(crate) operation: &'static Operation,
    pub(crate) args: Fields,
    pub(crate) expect: String,
}

impl Case {
    /// Reads one line of a file
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let record = Fields::new(value, RECORD)?;
        for documentation in ["source", "class"] {
            record.required_text(documentation)?;
        }
        let subnet = record.required_text("subnet")?;
        let policy = record.required_text("policy")?.to_owned();
        if !POLICIES.contains(&policy.as_str()) {
            return Err(format!("unknown policy `{policy}`"));
        }
        let reserved = ranges(&record, "reserved")?;
        let gateway = record.text("gateway")?.map(|text| {
            text.parse().map_err(|_| format!("the gateway `{text}` is not an address"))
        });
        let reserve_rule = record.value("reserve_rule").map(|rule| {
            let rule = Fields::new(rule.clone(), &["first", "last"])?;
            let end = |key| Ok::<_, String>(rule.number(key)?.unwrap_or(0));
            Ok::<_, String>((end("first")?, end("last")?))
        });
        let releasing_free_is_noop = match record.text("release_free")? {
            None => false,
            Some("noop") => true,
            Some(other) => return Err(format!("unknown `release_free`: `{other}`")),
        };
        let interfaces = record.texts("interfaces")?;
        let Some(Value::Array(ops)) = record.value("ops") else {
            return Err("no array `ops`".into());
        };
        Ok(Self {
            id: record.required_text("id")?.to_owned(),
            provider: record.text("provider")?.unwrap_or_default().to_owned(),
            subnet: space::net(subnet).ok_or_else(|| format!("`{subnet}` is no CIDR"))?,
            reserved,
            gateway: gateway.transpose()?,
            reserve_rule: reserve_rule.transpose()?,
            policy,
            start_offset: record.number("start_offset")?.unwrap_or(0),
            static_band_size: record.number("static_band_size")?.unwrap_or(0),
            window_bits: record.number("window_bits")?,
            quota: record.number("quota_per_interface")?,
            interfaces: interfaces.map(|all| all.into_iter().map(str::to_owned).collect()),
            releasing_free_is_noop,
            cooldown_millis: record.millis("cooldown_secs")?.unwrap_or(0),
            auto_reserved: ranges(&record, "auto_reserved")?,
            ops: ops.iter().map(Op::parse).collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn has_op(&self, name: &str) -> bool {
        self.ops.iter().any(|op| op.operation.name == name)
    }
}

/// The ranges of a field, none where it is absent
fn ranges(record: &Fields, field: &str) -> Result<Vec<AddrRange>, String> {
    let items = record.texts(field)?.unwrap_or_default().into_iter();
    let range =
        |item| space::range(item).ok_or_else(|| format!("`{item}` of `{field}` is no range"));
    items.map(range).collect()
}

impl Op {
    fn parse(value: &Value) -> Result<Self, String> {
        let name = value.get("op").and_then(Value::as_str).ok_or("an operation without `op`")?;
        let operation = OPERATIONS.iter().find(|operation| operation.name == name);
        let operation = operation.ok_or_else(|| format!("unknown operation `{name}`"))?;
        let known = [&["op", "expect", "note"], operation.args].concat();
        let in_op = |error| format!("operation `{name}`: {error}");
        let args = Fields::new(value.clone(), &known).map_err(in_op)?;
        let expect = args.required_text("expect").map_err(in_op)?.to_owned();
        Ok(Self { operation, args, expect })
    }
}

/// The fields of a JSON object; one that is null counts as absent
#[derive(Debug)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    fn new(value: Value, known: &[&str]) -> Result<Self, String> {
        let Value::Object(fields) = value else { return Err("not an object".into()) };
        match fields.keys().find(|key| !known.contains(&key.as_str())) {
            Some(unknown) => Err(format!("unknown field `{unknown}`")),
            None => Ok(Self(fields)),
        }
    }

    pub(crate) fn value(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, key: &str) -> Result<Option<&str>, String> {
        match self.value(key).map(Value::as_str) {
            Some(None) => Err(format!("`{key}` is not a text")),
            text => Ok(text.flatten()),
        }
    }

    pub(crate) fn required_text(&self, key: &str) -> Result<&str, String> {
        self.text(key)?.ok_or_else(|| format!("no `{key}`"))
    }

    /// A list of texts; what is not a text in it reads as an empty one, which is no address
    pub(crate) fn texts(&self, key: &str) -> Result<Option<Vec<&str>>, String> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Array(items)) => {
                Ok(Some(items.iter().map(|item| item.as_str().unwrap_or_default()).collect()))
            }
            Some(_) => Err(format!("`{key}` is not a list")),
        }
    }

    /// A number, or a number as text
    pub(crate) fn number(&self, key: &str) -> Result<Option<u128>, String> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let text = value.as_str().and_then(|text| text.parse().ok());
        let number = value.as_u64().map(u128::from).or(text);
        number.map(Some).ok_or_else(|| format!("`{key}` is not a number: {value}"))
    }

    /// Milliseconds of a number of seconds, which may have a fraction
    pub(crate) fn millis(&self, key: &str) -> Result<Option<u64>, String> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let millis = millis(&text).ok_or_else(|| format!("`{key}` is no time: {value}"))?;
        Ok(Some(u64::try_from(millis).unwrap_or(u64::MAX)))
    }

    pub(crate) fn flag(&self, key: &str) -> Result<bool, String> {
        let value = self.value(key).map_or(Some(false), Value::as_bool);
        value.ok_or_else(|| format!("`{key}` is neither true nor false"))
    }
}

/// Of decimal seconds; a part of a millisecond does not count
fn millis(secs: &str) -> Option<u128> {
    let (whole, part) = secs.split_once('.').unwrap_or((secs, "0"));
    let whole: u128 = whole.parse().ok()?;
    let thousandths = format!("{part:0<3}");
    if !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(whole.saturating_mul(1000).saturating_add(thousandths.get(..3)?.parse().ok()?))
}
