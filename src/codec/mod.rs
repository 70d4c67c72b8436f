//! Bytes of events and engines: the format of schema 1, for readers in other languages, too
//!
//! Equal events have equal bytes. So do equal engines, whatever their seeds and in whatever order their tables were
//! filled. A decoder refuses every value that is not in canonical form, so decoded values encode to the same bytes
//! again. In the repository, `tests/golden/decode.py` is a second reader, written from this page alone.
//!
//! # Values
//!
//! | value | bytes |
//! |---|---|
//! | byte, word | 1 byte; 8 bytes, the lowest first |
//! | number | groups of 7 bits, the lowest first, in the fewest bytes; all but the last have their top bit set. Up to 2^64 - 1, or 2^32 - 1 where that says so; a *wide* number up to 2^128 - 1 |
//! | way | from one number to another, as a wide number: twice the difference modulo 2^128, and all bits of that flipped if the difference is 2^127 or more. So 0, -1, 1, -2 are 0, 1, 2, 3 |
//! | flag | byte 0 or 1 |
//! | option | flag, and if it is 1 the value |
//! | id (of a VPC, subnet, interface, request; a token; a reason) | byte: how long; so many visible ASCII bytes |
//! | IPv4 address, IPv6 address | its 4, or 16, bytes, the last one of the text first |
//! | family | byte: 0 IPv4, 1 IPv6 |
//! | address | family, then the address of it |
//! | CIDR of a family | the address of it, byte: length of the prefix |
//! | CIDR | family, then the CIDR of it |
//! | range | address: the first; wide number: how many come after it |
//! | time, revision | number |
//! | task | revision; number below 2^32: index |
//! | state of an interface | byte: 0 creating, 1 available, 2 attaching, 3 in use, 4 detaching, 5 deleting |
//! | list | of one IPv4 address: byte 1 and the address; of one IPv6 address: byte 2 and the address; of ascending addresses of one family that have at least 4 runs for each word of 64 addresses, the last less than 2^37 after the word of the first: byte 3 and the words; else a number: 4 times its parts, and 0 if they are IPv4 runs (or none), 1 if IPv6, 2 if both, 3 if there is a prefix among them; then the parts |
//! | words of a list | family; number of words; of each, in order: of the first a wide number, its first address divided by 64, and of others a number below 2^32: how many words lie between it and the one before; then a word: bit i for its address i. None is zero |
//! | run of a list | family, only in a list of both; wide number: how many addresses come after its first; way to its first, from the address after the run before it of its family, or from 0. No run begins at the address after the one before it |
//! | part of a list with prefixes | byte: the family, and 2 more if it is a prefix; of a run a wide number: how many addresses come after its first, of a prefix byte: its length; way to its first address, as of a run |
//! | rules of a family | numbers below 2^32: `first`, `last`; gateway; byte: `small`, 0 withhold, 1 keep; bytes: `shortest_prefix`, `longest_prefix` |
//! | gateway | byte: 0 none; 1 `Offset`, 2 `FromLast`, and a wide number; 3 `At`, and an address |
//! | profile | rules `v4`, `v6`; bytes: `list_and_count` (0 refuse, 1 list wins, 2 both), `own_address` (0 refuse, 1 accept), `free_address` (0 refuse, 1 ignore); flags: `assign_primary`, `unassign_primary`; flags of the quota: `per_family`, `counts_primary`; byte: `assign_in`, bit i for state i; the quarantine: number `millis`, flags `take_back`, `when_exhausted`; flags: `replace_primary`, `one_task` |
//! | policy | byte: 0 lowest, 1 next, 2 from and a wide number: the offset, 3 random and a word: the seed, 4 longest released, 5 dense, 6 sparse |
//! | indices | byte: bit 0 `blocks`, bit 1 `ranks` |
//! | limits | numbers below 2^32: `tokens`, `tasks`, `runs` |
//! | on expiry | byte: 0 unknown; 1 release, and a number: `rest_millis` |
//! | end | byte: 0 succeeded; 1 failed, then byte: 0 cancelled, 1 interface deleted, 2 not observed; option of a reason; list: kept |
//!
//! # Frames
//!
//! | bytes | |
//! |---|---|
//! | 1 | the letter `I` |
//! | 1 | the schema, 1, and 14 times 16 for an event, 5 times 16 for an engine |
//! | | number: length of the body |
//! | 4 | the low half of the hash of all bytes before them |
//! | | the body |
//! | 8 | word: the hash of the body |
//!
//! The hash is rapidhash, version 3, with seed 0 and the secrets of its specification.
//!
//! A log is the frames of events, one after another. The length has a check of its own, so damage in the middle is
//! never mistaken for a torn write at the end.
//!
//! # Events
//!
//! The body is a word, the digest of the history before it; then the revision that the event makes, its time, and its
//! change. If there are several changes, the byte 255 and a number, how many, come before them. The hash of the body
//! is the digest of the history that ends with the event; it covers all earlier events, as each digest is part of the
//! next body. A change is a byte, and:
//!
//! | byte | change | fields |
//! |--:|---|---|
//! | 0 | `VpcCreated` | VPC; number of CIDRs, and these |
//! | 1 | `VpcDeleted` | VPC |
//! | 2 | `SubnetCreated` | subnet, VPC, option of an IPv4 CIDR, option of an IPv6 CIDR, profile |
//! | 3 | `SubnetDeleted` | subnet |
//! | 4 | `InterfaceCreated` | interface, subnet, state, option of a number below 2^32: quota |
//! | 5 | `InterfaceDeleted` | interface |
//! | 6 | `StatusSet` | interface, state |
//! | 7 | `QuotaSet` | interface, option of a number below 2^32 |
//! | 8 | `RangeReserved` | subnet, range, byte: 0 hard, 1 auto-only, 2 prefix-only |
//! | 9 | `RangeReleased` | subnet, range |
//! | 10 | `Assigned` | interface, subnet, list |
//! | 11 | `PrimarySet` | interface, address |
//! | 12 | `Released` | interface, subnet, list |
//! | 13 | `IndicesSet` | subnet, indices |
//! | 14 | `Quarantined` | interface, subnet, list, time, option of a reason |
//! | 15 | `RestEnded` | subnet, list |
//! | 16 | `Held` | number below 2^32: index; interface, subnet, list, time, on expiry, time: keep until, option of a request |
//! | 17 | `TaskFinished` | task, end, time, option of a reason |
//! | 18 | `TokenKept` | token, time, word: digest of the request, list, option of a task, option of an address |
//! | 19 | `LimitsSet` | limits |
//! | 20 | `Swept` | |
//! | 21 | `PolicySet` | subnet, policy |
//! | 22 | `CursorMoved` | subnet, address |
//! | 23 | `Drawn` | subnet, family, number: draws |
//! | 24 | `SubnetReshaped` | subnet, option of an IPv4 CIDR, option of an IPv6 CIDR, profile |
//! | 25 | `HoldExtended` | task, subnet, list |
//!
//! # Engines
//!
//! The body is these sections, in order. Each section is its byte, a word with its length, and that many bytes.
//!
//! | byte | section | |
//! |--:|---|---|
//! | 1 | history | revision, time, word: digest; number: rests ever made; limits |
//! | 2 | VPCs | number of them; each by rising id: id, number of CIDRs, and these in the order given |
//! | 3 | subnets | number of them; each by rising id: id; number: position of its VPC; number: its profile, counted as they first occur, and when it does the profile; option of an IPv4 CIDR, option of an IPv6 CIDR; indices; policy; then of each family that it has the reserved ranges, what is taken, if the policy is next or random a wide number: its position, and if it is longest released the order of release |
//! | 4 | interfaces | number of them; each by rising id: id; number: position of its home; state; option of a quota; option of its primary IPv4 address, and IPv6 address; number of blocks that it has addresses in, and of each the block and its list of assignments |
//! | 5 | rests | number of blocks in which something rests, and of each the block, the number of rests, and these by end and serial number |
//! | 6 | tasks | number of them; each by rising task: task, interface, subnet, list, number: other subnets, and of each the subnet and a list; stage, on expiry, time: keep until, option of a request |
//! | 7 | tokens | number of them; each by rising token: token, time, word: digest of the request, revision, list, option of a task, option of an address |
//!
//! - **Positions** count from 0 in the order of the section.
//! - A **block** is a subnet's position times 2, and 1 more of its IPv6 addresses. Blocks rise; each is
//!   a number: how far it is from the one after the block before it, or from 0.
//! - An **offset** is how far an address is from the first one of its subnet's CIDR.
//! - **Reserved ranges**: number of them; each by rising offset: wide number: how far its first offset is from
//!   the one after the range before it, or from 0; wide number: how many come after its first; byte: 0 hard,
//!   1 auto-only, 2 prefix-only.
//! - **What is taken**, prefixes apart, is chunks of words of 64 offsets, bit i of word w for offset 64 w + i,
//!   and after them the byte 3. A chunk is a wide number: its kind and more; a wide number: how far its first
//!   word is from the one after the chunk before it, or from 0; and perhaps words. Kind 0, and 4 times (n - 1):
//!   n words follow, at most 128, each with two bits at least and not all. Kind 1, and 4 times (n - 1): n words
//!   of all bits. Kind 2, and 4 times b: one word of the bit b alone. Chunks are as few as can be; words without
//!   a bit are left out.
//! - A **list of assignments**: number below 2^32: how many slots; then, in the order of assignment, runs
//!   of offsets that rise one by one and were assigned by one revision, and prefixes. Each is a wide number:
//!   twice its *head*, and 1 more if its revision is another than that of the one before (0 before the first);
//!   if so a number: how much higher that is; way to its first offset, from the one after the run before it, or
//!   from 0. The head is of a run twice how many come after its first, of a prefix twice its host bits, and 1
//!   more.
//! - A **rest**: number: how far its end is from that of the rest before it, or from 0; number: its serial
//!   number; interface that had the addresses last; option of a reason; revision; number below 2^32: how many
//!   slots; then, in the order of release, runs and prefixes as in a list of assignments, of one revision: a wide
//!   number: the head, and the way.
//! - An **order of release**: number below 2^32: how many; then runs as those of a rest.
//! - A **stage**: byte: 0 running, 1 unknown, 2 expired, each with a time; 3 succeeded; 4 failed, with an end.
//! - Whatever is taken is in one list of assignments, or in one rest. What a task holds that is running or
//!   unknown is in the list of its interface, of the task's revision (in other subnets than its first, or of a
//!   later one), and held.
//!
//! # What a decoder may rely on
//!
//! On nothing. [`Engine::decode`](crate::Engine::decode) checks the frame, and then each value as it reads it: its
//! form, its order, that what it names exists, that every address in use has one holder, that deadlines lie after the
//! clock. Before it allocates, it counts the memory against [`DecodeLimits`](crate::DecodeLimits).

mod engine;
mod event;
mod frame;
mod taken;

pub(crate) use engine::{decode, encode};
pub use event::EventLog;

/// The schema written, and the latest one read
const SCHEMA: u8 = 1;
