//! A chart as an SVG file: places from left to right, nanoseconds upwards by powers of ten

use std::error::Error;

use plotters::prelude::*;

/// What one contender needs at each place
pub(crate) struct Line {
    pub(crate) who: &'static str,
    pub(crate) points: Vec<(usize, f64)>,
}

pub(crate) struct Chart<'c> {
    pub(crate) file: &'c str,
    pub(crate) title: &'c str,
    pub(crate) axis: &'c str,
    pub(crate) places: &'c [String],
    pub(crate) lines: Vec<Line>,
}

/// Ours in a colour of its own, the peers in distinct ones (Okabe and Ito)
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 0, 0),
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

impl Chart<'_> {
    /// Writes the file into `benches/charts`
    pub(crate) fn draw(&self) -> Result<(), Box<dyn Error>> {
        let path = format!("{}/charts/{}.svg", env!("CARGO_MANIFEST_DIR"), self.file);
        let points = || self.lines.iter().flat_map(|line| &line.points).map(|&(_, at)| at);
        let low = 10f64.powf(points().fold(f64::MAX, f64::min).log10().floor());
        let high = 10f64.powf(points().fold(0.0, f64::max).log10().ceil());
        let root = SVGBackend::new(&path, (900, 560)).into_drawing_area();
        root.fill(&WHITE)?;
        // The legend stands to the right of the last place.
        let (left, right) = (-0.1, self.places.len() as f64);
        let mut chart = ChartBuilder::on(&root)
            .caption(self.title, ("sans-serif", 22))
            .margin(16)
            .x_label_area_size(48)
            .y_label_area_size(72)
            .build_cartesian_2d(left..right, (low..high).log_scale())?;
        let name = |at: &f64| match self.places.get(at.round() as usize) {
            Some(place) if (at - at.round()).abs() < 0.01 => place.clone(),
            _ => String::new(),
        };
        chart
            .configure_mesh()
            .x_labels(self.places.len() + 1)
            .x_label_formatter(&name)
            .x_desc(self.axis)
            .y_desc("ns")
            .label_style(("sans-serif", 16))
            .axis_desc_style(("sans-serif", 16))
            .light_line_style(WHITE)
            .draw()?;
        for (line, colour) in self.lines.iter().zip(COLOURS.iter().cycle()) {
            let style = colour.stroke_width(if line.who == "ours" { 4 } else { 2 });
            let points = line.points.iter().map(|&(place, at)| (place as f64, at));
            chart
                .draw_series(LineSeries::new(points.clone(), style))?
                .label(line.who)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], style));
            chart.draw_series(points.map(|at| Circle::new(at, 4, colour.filled())))?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE.mix(0.85))
            .border_style(BLACK.mix(0.3))
            .label_font(("sans-serif", 16))
            .legend_area_size(32)
            .draw()?;
        root.present()?;
        println!("benches/charts/{}.svg", self.file);
        Ok(())
    }
}
