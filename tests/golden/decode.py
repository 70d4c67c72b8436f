#!/usr/bin/env python3
"""A second reader of events and engines of schema 1, written from the docs of `src/codec/mod.rs` alone.

decode.py events FILE    the events of a log, as JSON
decode.py engine FILE    what an engine holds, as JSON

Python's standard library only. It checks frames and the form of values; whether values fit together it
takes on trust.
"""

import ipaddress
import json
import sys

MASK = (1 << 64) - 1
SECRETS = [
    0x2D358DCCAA6C78A5,
    0x8BB84B93962EACC9,
    0x4B33A62ED433D4A3,
    0x4D5A2DA51DE1AA47,
    0xA0761D6478BD642F,
    0xE7037ED1A0B428DB,
    0x90ED1765281C388C,
]


def mix(a, b):
    return (a * b & MASK) ^ (a * b >> 64)


def rapidhash(data):
    """rapidhash, version 3, with seed 0, as its specification says."""
    word = lambda at, size=8: int.from_bytes(data[at : at + size], "little")
    seed = mix(SECRETS[2], SECRETS[1])
    size = left = len(data)
    a = b = 0
    if size > 16:
        at = 0
        if size > 112:
            lanes = [seed] * 7
            while left > 112:
                for i, lane in enumerate(lanes):
                    low, high = word(at + 16 * i), word(at + 16 * i + 8)
                    lanes[i] = mix(low ^ SECRETS[i], high ^ lane)
                at, left = at + 112, left - 112
            seed = 0
            for lane in lanes:
                seed ^= lane
        for i, secret in enumerate((2, 2, 1, 1, 2, 1)):
            if left > 16 * (i + 1):
                seed = mix(word(at + 16 * i) ^ SECRETS[secret], word(at + 16 * i + 8) ^ seed)
        a, b = word(size - 16) ^ left, word(size - 8)
    elif size >= 4:
        seed ^= size
        width = 8 if size >= 8 else 4
        a, b = word(0, width), word(size - width, width)
    elif size:
        a, b = data[0] << 45 | data[-1], data[size >> 1]
    product = (a ^ SECRETS[1]) * (b ^ seed)
    a, b = product & MASK, product >> 64
    return mix(a ^ 0xAAAAAAAAAAAAAAAA, b ^ SECRETS[1] ^ left)


STATES = ["Creating", "Available", "Attaching", "InUse", "Detaching", "Deleting"]
FAMILIES = ["V4", "V6"]


class Reader:
    """Values in the order of the format's page."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def done(self):
        return self.at == len(self.data)

    def take(self, count):
        if self.at + count > len(self.data):
            raise ValueError(f"the bytes end at {self.at}")
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self, below=256):
        value = self.take(1)[0]
        if value >= below:
            raise ValueError(f"tag {value} at {self.at}")
        return value

    def word(self):
        return int.from_bytes(self.take(8), "little")

    def wide(self, bits=128):
        value = shift = 0
        while True:
            group = self.byte()
            value |= (group & 0x7F) << shift
            shift += 7
            if group < 0x80:
                if (group == 0 and shift > 7) or value >> bits:
                    raise ValueError(f"number at {self.at}")
                return value

    def number(self):
        return self.wide(64)

    def number32(self):
        return self.wide(32)

    def way(self, start):
        value = self.wide()
        return (start + (value >> 1 ^ -(value & 1))) % (1 << 128)

    def flag(self):
        return self.byte(2) == 1

    def option(self, read):
        return read() if self.flag() else None

    def id(self):
        text = self.take(self.byte()).decode("ascii")
        if not text or not all("!" <= char <= "~" for char in text):
            raise ValueError(f"id at {self.at}")
        return text

    def bits(self, family):
        return int.from_bytes(self.take(16 if family else 4), "little")

    def address_of(self, family):
        return text(family, self.bits(family))

    def address(self):
        return self.address_of(self.byte(2))

    def cidr_of(self, family):
        return f"{self.address_of(family)}/{self.byte()}"

    def cidr(self):
        return self.cidr_of(self.byte(2))

    def many(self, read):
        return [read() for _ in range(self.number())]

    def range(self):
        family = self.byte(2)
        first = self.bits(family)
        return span(family, first, first + self.wide())

    def task(self):
        return {"revision": self.number(), "index": self.number32()}

    def state(self):
        return STATES[self.byte(6)]

    def list(self):
        head = self.number()
        if head in (1, 2):
            one = self.address_of(head - 1)
            return [{"first": one, "last": one}]
        if head == 3:
            return self.words()
        form, after, runs = head & 3, [0, 0], []
        for _ in range(head >> 2):
            kind = self.byte(4) if form == 3 else None
            if kind is not None and kind & 2:
                length = self.byte()
                first = self.way(after[kind & 1])
                after[kind & 1] = first + (1 << (128 if kind & 1 else 32) - length)
                runs.append(f"{text(kind & 1, first)}/{length}")
                continue
            if kind is not None:
                form = kind
            family = self.byte(2) if form == 2 else form
            form = 3 if kind is not None else form
            more = self.wide()
            first = self.way(after[family])
            after[family] = first + more + 1
            runs.append(span(family, first, first + more))
        return runs

    def words(self):
        """A list by words of 64 addresses: the runs of the bits that are set."""
        family, count, word, numbers = self.byte(2), self.number(), 0, []
        for index in range(count):
            word += self.number32() if index else self.wide()
            bits = self.word()
            numbers += [64 * word + at for at in range(64) if bits >> at & 1]
            word += 1
        runs = []
        for number in numbers:
            if runs and runs[-1][1] + 1 == number:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        return [span(family, *run) for run in runs]

    def gateway(self):
        kind = self.byte(4)
        if kind == 0:
            return "None"
        if kind == 3:
            return {"At": self.address()}
        return {"Offset" if kind == 1 else "FromLast": self.wide()}

    def rules(self):
        return {
            "first": self.number32(),
            "last": self.number32(),
            "gateway": self.gateway(),
            "small": ["Withhold", "Keep"][self.byte(2)],
            "shortest_prefix": self.byte(),
            "longest_prefix": self.byte(),
        }

    def profile(self):
        profile = {"v4": self.rules(), "v6": self.rules()}
        profile["list_and_count"] = ["Refuse", "ListWins", "Both"][self.byte(3)]
        profile["own_address"] = ["Refuse", "Accept"][self.byte(2)]
        profile["free_address"] = ["Refuse", "Ignore"][self.byte(2)]
        profile["assign_primary"] = self.flag()
        profile["unassign_primary"] = self.flag()
        profile["quota"] = {"per_family": self.flag(), "counts_primary": self.flag()}
        states = self.byte(64)
        profile["assign_in"] = [name for bit, name in enumerate(STATES) if states >> bit & 1]
        profile["quarantine"] = {
            "millis": self.number(),
            "take_back": self.flag(),
            "when_exhausted": self.flag(),
        }
        profile["replace_primary"] = self.flag()
        profile["one_task"] = self.flag()
        return profile

    def policy(self):
        kind = self.byte(7)
        if kind == 2:
            return {"From": {"offset": str(self.wide())}}
        if kind == 3:
            return {"Random": {"seed": self.word()}}
        return ["Lowest", "Next", None, None, "LongestReleased", "Dense", "Sparse"][kind]

    def indices(self):
        bits = self.byte(4)
        return {"blocks": bits & 1 == 1, "ranks": bits & 2 == 2}

    def limits(self):
        return {"tokens": self.number32(), "tasks": self.number32(), "runs": self.number32()}

    def reservation(self):
        return ["Hard", "AutoOnly", "PrefixOnly"][self.byte(3)]

    def expiry(self):
        return {"Release": {"rest_millis": self.number()}} if self.byte(2) else "Unknown"

    def end(self):
        if self.byte(2) == 0:
            return "Succeeded"
        failure = ["Cancelled", "InterfaceDeleted", "NotObserved"][self.byte(3)]
        return {"Failed": {"failure": failure, "reason": self.option(self.id), "kept": self.list()}}

    def hex(self):
        return f"{self.word():016x}"

    # Events

    def event(self):
        event = {"parent": self.hex(), "revision": self.number(), "at": self.number()}
        if self.data[self.at] == 255:
            self.byte()
            event["changes"] = self.many(self.change)
        else:
            event["changes"] = [self.change()]
        if not self.done():
            raise ValueError("an event goes on")
        return event

    def change(self):
        kind, *fields = CHANGES[self.byte()]
        if not fields:
            return kind
        return {kind: {name: read(self) for name, read in fields}}

    # Engines

    def section(self, tag):
        if self.byte() != tag:
            raise ValueError(f"section {tag}")
        return Reader(self.take(self.word()))

    def blocks(self):
        """Blocks that rise: each with the rest of what is said of it, for the caller to read."""
        key = 0
        for _ in range(self.number()):
            key += self.number()
            yield key
            key += 1

    def taken(self):
        """Offsets, by words."""
        offsets, word = set(), 0
        while (head := self.wide()) != 3:
            word += self.wide()
            kind, more = head & 3, head >> 2
            if kind == 0:
                for _ in range(more + 1):
                    bits = self.word()
                    offsets |= {64 * word + bit for bit in range(64) if bits >> bit & 1}
                    word += 1
            elif kind == 1:
                offsets |= set(range(64 * word, 64 * (word + more + 1)))
                word += more + 1
            elif kind == 2:
                offsets.add(64 * word + more)
                word += 1
            else:
                raise ValueError("chunk")
        return offsets

    def assignments(self):
        left, made, at, all = self.number32(), 0, 0, []
        while left > 0:
            head = self.wide()
            if head & 1:
                made += self.number()
            unit = self.unit(head >> 1, at)
            all.append((unit, made))
            at, left = unit[1], left - unit[3]
        return all

    def unit(self, head, at):
        """First offset, the one after the last, whether it is a prefix, slots."""
        first = self.way(at)
        if head & 1:
            return first, first + (1 << (head >> 1)), True, 1
        return first, first + (head >> 1) + 1, False, (head >> 1) + 1

    def released(self):
        left, at = self.number32(), 0
        while left > 0:
            unit = self.unit(self.wide(), at)
            at, left = unit[1], left - unit[3]

    def rest(self, end):
        end += self.number()
        self.number()
        by, reason, since = self.id(), self.option(self.id), self.number()
        left, at, units = self.number32(), 0, []
        while left > 0:
            first, end_at, is_prefix, slots = self.unit(self.wide(), at)
            each = [(first, end_at)] if is_prefix else [(of, of + 1) for of in range(first, end_at)]
            units += [(*of, is_prefix) for of in each]
            at, left = end_at, left - slots
        return end, units, {"until": end, "by": by, "since": since, "reason": reason}

    def stage(self):
        kind = self.byte(5)
        if kind < 3:
            name, field = [("Running", "until"), ("Unknown", "since"), ("Expired", "at")][kind]
            return {name: {field: self.number()}}
        return "Succeeded" if kind == 3 else self.end()


def text(family, bits):
    return str(ipaddress.IPv6Address(bits) if family else ipaddress.IPv4Address(bits))


def prefix_of(family, first, count):
    return f"{text(family, first)}/{(128 if family else 32) + 1 - count.bit_length()}"


def names(part):
    """What a part of a list has: a prefix, or each address of a run."""
    if isinstance(part, str):
        return [part]
    first, last = map(ipaddress.ip_address, (part["first"], part["last"]))
    return [text(first.version == 6, bits) for bits in range(int(first), int(last) + 1)]


def span(family, first, last):
    return {"first": text(family, first), "last": text(family, last)}


R = Reader
V4, V6 = lambda r: r.option(lambda: r.cidr_of(0)), lambda r: r.option(lambda: r.cidr_of(1))
VPC, SUBNET, INTERFACE = ("vpc", R.id), ("subnet", R.id), ("interface", R.id)
QUOTA, LIST = ("quota", lambda r: r.option(r.number32)), ("addresses", R.list)
UNTIL, REASON = ("until", R.number), ("reason", lambda r: r.option(r.id))
CHANGES = [
    ("VpcCreated", VPC, ("cidrs", lambda r: r.many(r.cidr))),
    ("VpcDeleted", VPC),
    ("SubnetCreated", SUBNET, VPC, ("v4", V4), ("v6", V6), ("profile", R.profile)),
    ("SubnetDeleted", SUBNET),
    ("InterfaceCreated", INTERFACE, SUBNET, ("status", R.state), QUOTA),
    ("InterfaceDeleted", INTERFACE),
    ("StatusSet", INTERFACE, ("status", R.state)),
    ("QuotaSet", INTERFACE, QUOTA),
    ("RangeReserved", SUBNET, ("range", R.range), ("kind", R.reservation)),
    ("RangeReleased", SUBNET, ("range", R.range)),
    ("Assigned", INTERFACE, SUBNET, LIST),
    ("PrimarySet", INTERFACE, ("address", R.address)),
    ("Released", INTERFACE, SUBNET, LIST),
    ("IndicesSet", SUBNET, ("indices", R.indices)),
    ("Quarantined", INTERFACE, SUBNET, LIST, UNTIL, REASON),
    ("RestEnded", SUBNET, LIST),
    (
        "Held",
        ("index", R.number32),
        INTERFACE,
        SUBNET,
        LIST,
        UNTIL,
        ("expired", R.expiry),
        ("keep_until", R.number),
        ("request", lambda r: r.option(r.id)),
    ),
    ("TaskFinished", ("task", R.task), ("end", R.end), UNTIL, REASON),
    (
        "TokenKept",
        ("token", R.id),
        UNTIL,
        ("request", R.hex),
        ("answer", R.list),
        ("task", lambda r: r.option(r.task)),
        ("primary", lambda r: r.option(r.address)),
    ),
    ("LimitsSet", ("limits", R.limits)),
    ("Swept",),
    ("PolicySet", SUBNET, ("policy", R.policy)),
    ("CursorMoved", SUBNET, ("address", R.address)),
    ("Drawn", SUBNET, ("family", lambda r: FAMILIES[r.byte(2)]), ("draws", R.number)),
    ("SubnetReshaped", SUBNET, ("v4", V4), ("v6", V6), ("profile", R.profile)),
    ("HoldExtended", ("task", R.task), SUBNET, LIST),
]


def frames(data, kind):
    """The bodies of frames, one after another, and the hash of each."""
    at = 0
    while at < len(data):
        header = Reader(data[at:])
        if header.take(2) != kind:
            raise ValueError(f"{data[at : at + 2]} at {at}")
        size = header.number()
        checked = data[at : at + header.at]
        if int.from_bytes(header.take(4), "little") != rapidhash(checked) & 0xFFFFFFFF:
            raise ValueError(f"header at {at}")
        body = header.take(size)
        digest = header.word()
        if digest != rapidhash(body):
            raise ValueError(f"checksum at {at}")
        yield body, digest
        at += header.at


def history(data):
    """The events of a log, each of which must be decided on the digest of the one before."""
    events, parent = [], 0
    for body, digest in frames(data, b"I\xe1"):
        event = Reader(body).event()
        if int(event["parent"], 16) != parent:
            raise ValueError(f"revision {event['revision']} is of another history")
        events.append(event)
        parent = digest
    return events


def engine(data):
    [(body, _)] = frames(data, b"I\x51")
    r = Reader(body)
    history, vpcs, subnets = r.section(1), r.section(2), r.section(3)
    facts = {"revision": history.number(), "clock": history.number(), "digest": history.hex()}
    history.number()
    facts["limits"] = history.limits()
    facts["vpcs"] = dict(vpcs.many(lambda: (vpcs.id(), vpcs.many(vpcs.cidr))))
    vpc_ids = list(facts["vpcs"])

    ids, facts["subnets"], bases, profiles, left = [], {}, {}, [], {}
    for position in range(subnets.number()):
        id, vpc, number = subnets.id(), vpc_ids[subnets.number32()], subnets.number32()
        if number == len(profiles):
            profiles.append(subnets.profile())
        info = {"vpc": vpc, "v4": V4(subnets), "v6": V6(subnets), "profile": profiles[number]}
        info["indices"], info["policy"] = subnets.indices(), subnets.policy()
        info["interfaces"] = 0
        entry = {"info": info, "reserved": [None, None], "resting": [None, None]}
        for family, cidr in enumerate([info["v4"], info["v6"]]):
            if cidr is None:
                continue
            base = int(ipaddress.ip_network(cidr).network_address)
            bases[2 * position + family] = base
            ranges, at = [], base
            for _ in range(subnets.number()):
                first = at + subnets.wide()
                last = first + subnets.wide()
                ranges.append([span(family, first, last), subnets.reservation()])
                at = last + 1
            entry["reserved"][family], entry["resting"][family] = ranges, []
            left[2 * position + family] = subnets.taken()
            if info["policy"] == "Next" or "Random" in info["policy"]:
                subnets.wide()
            if info["policy"] == "LongestReleased":
                subnets.released()
        ids.append(id)
        facts["subnets"][id] = entry

    interfaces, owners = r.section(4), {}
    facts["interfaces"] = {}
    for _ in range(interfaces.number()):
        id, home = interfaces.id(), ids[interfaces.number32()]
        info = {"vpc": facts["subnets"][home]["info"]["vpc"], "subnet": home}
        facts["subnets"][home]["info"]["interfaces"] += 1
        info["status"], info["quota"] = interfaces.state(), interfaces.option(interfaces.number32)
        primaries = [interfaces.option(lambda: interfaces.address_of(family)) for family in (0, 1)]
        info["primary_v4"], info["primary_v6"] = primaries
        counts, prefixes, has, whole = [0, 0], [0, 0], [], []
        for key in interfaces.blocks():
            for (first, end, is_prefix, slots), made in interfaces.assignments():
                if is_prefix:
                    prefixes[key & 1] += 1
                    one = {"prefix": prefix_of(key & 1, bases[key] + first, end - first)}
                    one |= {"subnet": ids[key >> 1], "generation": made, "held": False}
                    whole.append(one)
                    owners[ids[key >> 1], one["prefix"]] = one
                    continue
                counts[key & 1] += slots
                for offset in range(first, end):
                    left[key].remove(offset)
                    address = text(key & 1, bases[key] + offset)
                    role = "Primary" if address in primaries else "Secondary"
                    one = {"address": address, "subnet": ids[key >> 1], "role": role}
                    one |= {"generation": made, "held": False}
                    has.append(one)
                    owners[ids[key >> 1], address] = one
        info["count_v4"], info["count_v6"] = counts
        info["prefixes_v4"], info["prefixes_v6"] = prefixes
        facts["interfaces"][id] = {"info": info, "addresses": has, "prefixes": whole}

    rests = r.section(5)
    for key in rests.blocks():
        end = 0
        for _ in range(rests.number()):
            end, units, rest = rests.rest(end)
            for first, end_at, is_prefix in units:
                if not is_prefix:
                    left[key].remove(first)
                low = bases[key] + first
                prefix = prefix_of(key & 1, low, end_at - first) if is_prefix else None
                one = {"address": text(key & 1, low), "prefix": prefix} | rest
                facts["subnets"][ids[key >> 1]]["resting"][key & 1].append(one)
    if any(left.values()):
        raise ValueError("an address is taken that nobody has")

    tasks, facts["tasks"] = r.section(6), []
    for _ in range(tasks.number()):
        task = {"task": tasks.task(), "interface": tasks.id(), "subnet": tasks.id()}
        own, task["beside"] = tasks.list(), tasks.many(lambda: [tasks.id(), tasks.list()])
        task["addresses"] = own + [part for _, parts in task["beside"] for part in parts]
        task["state"] = tasks.stage()
        tasks.expiry()
        task["keep_until"], task["request"] = tasks.number(), tasks.option(tasks.id)
        facts["tasks"].append(task)
        if {"Running", "Unknown"} & set(task["state"]):
            for subnet, parts in [(task["subnet"], own), *task["beside"]]:
                for name in (name for part in parts for name in names(part)):
                    owners[subnet, name]["held"] = True

    tokens, facts["tokens"] = r.section(7), []
    for _ in range(tokens.number()):
        facts["tokens"].append(tokens.id())
        tokens.number(), tokens.hex(), tokens.number(), tokens.list()
        tokens.option(tokens.task), tokens.option(tokens.address)
    for part in (history, vpcs, subnets, interfaces, rests, tasks, tokens, r):
        if not part.done():
            raise ValueError("a section goes on")
    return facts


def main():
    kind, path = sys.argv[1:]
    with open(path, "rb") as file:
        data = file.read()
    if kind == "events":
        read = history(data)
    else:
        read = engine(data)
    json.dump(read, sys.stdout)


if __name__ == "__main__":
    main()
