//! When a subnet runs dry: one trace of demand under two policies, as a table and as a chart
//!
//! `cargo run --release --example capacity [trace.csv [chart.svg]]`
//!
//! Pods want single addresses that come and go; nodes want whole /28s, as EC2 delegates prefixes. A /28 is refused as
//! *exhausted* where too few addresses are free, and as *fragmented* where enough are, but scattered.
//!
//! ```csv
//! millis,kind,interface,count
//! 0,pods,job-1,3
//! 0,node,node-1,1
//! 3600000,gone,job-1
//! ```
//!
//! `millis` counts from whenever, and never falls. `pods` gives the interface `count` more addresses, `node` `count`
//! more /28s, all or none of them; `gone` deletes it with all that it has. Further columns are not read. What is
//! refused is not asked for again.
//!
//! Without a file the trace is made up, by a seed: it was measured nowhere. On it `Policy::Lowest` comes close to
//! `Policy::Dense`, and `Policy::Sparse` is worse than random.

#![expect(clippy::arithmetic_side_effects, reason = "an example")]

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::path::Path;
use std::process::ExitCode;
use std::{env, error, fs};

use ipam_core::*;
use plotters::{coord::Shift, prelude::*};

type Result<T = (), E = Box<dyn error::Error>> = std::result::Result<T, E>;

const CIDR: &str = "10.0.0.0/22";
const PREFIX_LEN: u8 = 28;
const POLICIES: [Policy; 2] = [Policy::Random { seed: 1 }, Policy::Dense];
/// Of each policy: blue and vermilion (Okabe and Ito)
const COLOURS: [RGBColor; 2] = [RGBColor(0, 114, 178), RGBColor(213, 94, 0)];
/// How long released addresses rest: the default of Amazon's CNI plugin
const REST_MILLIS: u64 = 30_000;
/// Points of a curve, after the first
const SAMPLES: u64 = 240;
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

fn main() -> ExitCode {
    let Err(why) = run() else { return ExitCode::SUCCESS };
    eprintln!("{why}");
    ExitCode::FAILURE
}

fn run() -> Result {
    let mut args = env::args().skip(1);
    let trace = match args.next() {
        Some(file) => {
            let text = fs::read_to_string(&file).map_err(|why| format!("{file}: {why}"))?;
            parse(&text).map_err(|why| format!("{file}: {why}"))?
        }
        None => made_up(1)?,
    };
    let replays = POLICIES.iter().map(|&policy| Replay::run(policy, &trace));
    let replays = replays.collect::<Result<Vec<_>>>()?;
    println!("{:<21} {:<9} {:>6} {:>7}  first", "policy", "asked for", "times", "refused");
    for of in &replays {
        for (what, course) in [("addresses", &of.addresses), ("/28s", &of.prefixes)] {
            let (policy, Course { asked, refused, .. }) = (of.policy.to_string(), course);
            println!("{policy:<21} {what:<9} {asked:>6} {refused:>7}  {}", course.first());
        }
    }
    let chart = args.next().unwrap_or_else(|| "target/capacity.svg".into());
    draw(&replays, &chart).map_err(|why| format!("{chart}: {why}"))?;
    println!("{chart}");
    Ok(())
}

/// A row of a trace
#[derive(Clone, Debug, PartialEq, Eq)]
struct Demand {
    millis: u64,
    interface: InterfaceId,
    /// What it wants; `None` is gone
    pick: Option<Pick>,
}

/// The trace that a CSV text has, or the line and column at fault
fn parse(text: &str) -> Result<Vec<Demand>, String> {
    let (mut trace, mut last, mut present) = (Vec::new(), 0, BTreeSet::new());
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() || (number == 1 && line.starts_with("millis,")) {
            continue;
        }
        let at = |why| format!("line {number}, column {why}");
        let demand = row(line).map_err(at)?;
        if demand.millis < last {
            return Err(at(format!("`millis`: `{}` is before the row above", demand.millis)));
        }
        last = demand.millis;
        if demand.pick.is_some() {
            present.insert(demand.interface);
        } else if !present.remove(&demand.interface) {
            return Err(at(format!("`interface`: there is no `{}` to go", demand.interface)));
        }
        trace.push(demand);
    }
    let begin = trace.first().map(|first: &Demand| first.millis).ok_or("it has no rows")?;
    trace.iter_mut().for_each(|demand| demand.millis -= begin);
    Ok(trace)
}

fn row(line: &str) -> Result<Demand, String> {
    let mut fields = line.split(',').map(str::trim);
    let mut field = || fields.next().unwrap_or_default();
    let (millis, kind, interface, count) = (field(), field(), field(), field());
    let bad = |column, text, why: &dyn error::Error| format!("`{column}`: `{text}`: {why}");
    let several = || count.parse().map(NonZeroU32::get).map_err(|why| bad("count", count, &why));
    let millis = millis.parse().map_err(|why| bad("millis", millis, &why))?;
    let pick = match kind {
        "pods" => Some(Pick::any(several()?)),
        "node" => Some(Pick::any_prefixes(PREFIX_LEN, several()?)),
        "gone" => None,
        _ => return Err(format!("`kind`: `{kind}` is none of pods, node and gone")),
    };
    let interface = interface.parse().map_err(|why| bad("interface", interface, &why))?;
    Ok(Demand { millis, interface, pick })
}

/// Four days of a cluster, from when it is empty
///
/// Half a job begins a minute at midnight, and three at noon; each has 1 to 4 pods and lives 5 to 65 minutes. A node
/// comes each hour on average, wants one /28, and lives 1 to 4 days.
fn made_up(mut seed: u64) -> Result<Vec<Demand>> {
    let (day, days, mut trace) = (24 * HOUR, 4, Vec::new());
    let mut below = |end| next(&mut seed, end);
    let mut lives = |name: String, millis, life, pick| -> Result {
        let interface = name.parse()?;
        trace.push(Demand { millis, interface, pick: Some(pick) });
        trace.push(Demand { millis: millis + life, interface, pick: None });
        Ok(())
    };
    for minute in 0..days * day / MINUTE {
        let millis = minute * MINUTE;
        let thousandths = 3_000 - 2_500 * (millis % day).abs_diff(day / 2) / (day / 2);
        for job in 0..(thousandths + below(1_000)) / 1_000 {
            let pods = Pick::any(u32::try_from(1 + below(4))?);
            lives(format!("job-{minute}-{job}"), millis, 5 * MINUTE + below(HOUR), pods)?;
        }
        if below(60) == 0 {
            let (life, block) = (day + below(3 * day), Pick::any_prefixes(PREFIX_LEN, 1));
            lives(format!("node-{minute}"), millis, life, block)?;
        }
    }
    trace.sort_by_key(|demand| demand.millis);
    trace.retain(|demand| demand.millis < days * day);
    Ok(trace)
}

/// The next number of SplitMix64, below `end`
fn next(state: &mut u64, end: u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) % end
}

/// A subnet under a policy, and how it fares
struct Replay {
    policy: Policy,
    engine: Engine,
    subnet: SubnetId,
    addresses: Course,
    prefixes: Course,
}

/// How asking for addresses, or for prefixes, went
#[derive(Default)]
struct Course {
    asked: u32,
    refused: u32,
    /// The first refusal: after how many hours, and why
    dry: Option<(f64, String)>,
    /// By hours: addresses in use, or prefixes that are free
    curve: Vec<(f64, f64)>,
}

impl Replay {
    fn run(policy: Policy, trace: &[Demand]) -> Result<Self> {
        let mut replay = Self::start(policy)?;
        let end = trace.last().map_or(0, |last| last.millis);
        let mut demands = trace.iter().peekable();
        for sample in 0..=SAMPLES {
            let until = end - end / SAMPLES * (SAMPLES - sample);
            while let Some(demand) = demands.next_if(|demand| demand.millis <= until) {
                replay.serve(demand)?;
            }
            replay.look(until)?;
        }
        Ok(replay)
    }

    fn start(policy: Policy) -> Result<Self> {
        let (vpc, subnet) = ("vpc-1".parse()?, "subnet-1".parse()?);
        let profile = Profile::AWS.quarantine(Quarantine::for_millis(REST_MILLIS));
        let mut engine = Engine::new();
        for command in [
            CreateVpc::new(vpc).into(),
            CreateSubnet::new(subnet, vpc, profile).v4(CIDR.parse()?).into(),
            SetPolicy::new(subnet, policy).into(),
        ] {
            engine.execute(Timestamp::ZERO, &command)?;
        }
        let (addresses, prefixes) = (Course::default(), Course::default());
        Ok(Self { policy, engine, subnet, addresses, prefixes })
    }

    fn serve(&mut self, demand: &Demand) -> Result {
        let (now, interface) = (Timestamp::from_millis(demand.millis), demand.interface);
        let Some(pick) = demand.pick.clone() else {
            self.engine.execute(now, &DeleteInterface::new(interface).into())?;
            return Ok(());
        };
        if self.engine.interface(interface).is_none() {
            self.engine.execute(now, &CreateInterface::new(interface, self.subnet).into())?;
        }
        let single = pick.prefixes.is_empty();
        let course = if single { &mut self.addresses } else { &mut self.prefixes };
        course.asked += 1;
        let (how, numbers) = match self.engine.execute(now, &Assign::new(interface, pick).into()) {
            Ok(_) => return Ok(()),
            Err(Error::Exhausted { shortfall, .. }) => ("exhausted", shortfall),
            Err(Error::Fragmented(fragmented)) => ("fragmented", fragmented.shortfall),
            Err(other) => return Err(other.into()),
        };
        course.refused += 1;
        course.dry.get_or_insert_with(|| {
            let Shortfall { assigned, free, quarantined, reserved, total, .. } = numbers;
            let (at, percent) = (hours(now), 100 * assigned / (total - reserved));
            let state = format!("{percent} % in use, {free} free, {quarantined} resting");
            (at, format!("{how} after {at:.1} h, {state}"))
        });
        Ok(())
    }

    /// Adds a point to each curve
    fn look(&mut self, millis: u64) -> Result {
        let now = Timestamp::from_millis(millis);
        // `free_blocks` is as of the last event: rests that are over are written first.
        self.engine.execute(now, &Command::Sweep)?;
        let usage = self.engine.at(now).subnet_usage(self.subnet).and_then(|usage| usage.v4);
        let blocks = self.engine.free_blocks(self.subnet, Family::V4);
        let (usage, blocks) = usage.zip(blocks).ok_or("the subnet has no IPv4 addresses")?;
        self.addresses.curve.push((hours(now), usage.assigned as f64));
        self.prefixes.curve.push((hours(now), blocks.capacity(PREFIX_LEN) as f64));
        Ok(())
    }
}

impl Course {
    fn first(&self) -> &str {
        self.dry.as_ref().map_or("never refused", |(_, why)| why)
    }
}

fn hours(at: Timestamp) -> f64 {
    at.millis() as f64 / HOUR as f64
}

/// Two panels, one above the other
fn draw(replays: &[Replay], file: &str) -> Result {
    fs::create_dir_all(Path::new(file).parent().unwrap_or(Path::new("")))?;
    let root = SVGBackend::new(file, (900, 760)).into_drawing_area();
    root.fill(&WHITE)?;
    let (above, below) = root.split_vertically(380);
    panel(&above, "Addresses in use", replays, |of| &of.addresses)?;
    panel(&below, "Free /28s", replays, |of| &of.prefixes)?;
    root.present()?;
    Ok(())
}

/// A curve for each policy, and a mark where it first refuses
fn panel(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    title: &str,
    replays: &[Replay],
    course: fn(&Replay) -> &Course,
) -> Result {
    let points = || replays.iter().flat_map(|of| &course(of).curve);
    let right = points().map(|at| at.0).fold(0.01, f64::max);
    let top = points().map(|at| at.1).fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 22))
        .margin(16)
        .x_label_area_size(48)
        .y_label_area_size(72)
        .build_cartesian_2d(0.0..right, 0.0..top * 1.4)?; // the legend has the rest
    let mut mesh = chart.configure_mesh();
    mesh.x_desc("hours").y_label_formatter(&|y| format!("{y:.0}")).max_light_lines(1);
    mesh.label_style(("sans-serif", 16)).axis_desc_style(("sans-serif", 16)).draw()?;
    for (of, colour) in replays.iter().zip(COLOURS) {
        let (Course { curve, dry, .. }, style) = (course(of), colour.stroke_width(2));
        chart
            .draw_series(LineSeries::new(curve.iter().copied(), style))?
            .label(format!("{}: {}", of.policy, course(of).first()))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], style));
        if let Some((at, _)) = *dry {
            chart.draw_series([PathElement::new([(at, 0.0), (at, top)], colour)])?;
            chart.draw_series([Circle::new((at, top), 4, colour.filled())])?;
        }
    }
    let mut legend = chart.configure_series_labels();
    legend.position(SeriesLabelPosition::UpperLeft).background_style(WHITE.mix(0.85));
    legend.border_style(BLACK.mix(0.3)).label_font(("sans-serif", 16)).legend_area_size(32);
    legend.draw()?;
    Ok(())
}
