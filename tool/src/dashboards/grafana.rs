//! The documents that Grafana reads, as far as we write them: its documented JSON model, version 39 of the schema.

use serde::Serialize;

/// The variable that stands for the Prometheus to ask.
const DATASOURCE: Datasource = Datasource { kind: "prometheus", uid: "${datasource}" };

#[derive(Serialize, Clone, Copy, Debug)]
pub(crate) struct Datasource {
    #[serde(rename = "type")]
    kind: &'static str,
    uid: &'static str,
}

/// A whole dashboard.
#[derive(Serialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dashboard {
    pub(crate) uid: String,
    pub(crate) title: String,
    description: String,
    tags: Vec<&'static str>,
    editable: bool,
    graph_tooltip: u8,
    schema_version: u8,
    refresh: &'static str,
    timezone: &'static str,
    time: Time,
    links: Vec<Link>,
    templating: Templating,
    pub(crate) panels: Vec<Panel>,
}

#[derive(Serialize, Debug)]
struct Time {
    from: &'static str,
    to: &'static str,
}

/// The other dashboards of the pack.
#[derive(Serialize, Debug)]
#[serde(rename_all = "camelCase")]
struct Link {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    tags: Vec<&'static str>,
    as_dropdown: bool,
    include_vars: bool,
    keep_time: bool,
}

#[derive(Serialize, Debug)]
struct Templating {
    list: Vec<Variable>,
}

/// What is chosen at the top of a dashboard.
#[derive(Serialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Variable {
    name: &'static str,
    label: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    datasource: Option<Datasource>,
    query: VariableQuery,
    refresh: u8,
    sort: u8,
    multi: bool,
    include_all: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    all_value: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<Chosen>,
}

#[derive(Serialize, Debug)]
struct Chosen {
    text: &'static str,
    value: &'static str,
}

#[derive(Serialize, Debug)]
#[serde(untagged)]
enum VariableQuery {
    Kind(&'static str),
    Labels {
        query: String,
        #[serde(rename = "refId")]
        reference: &'static str,
    },
}

impl Variable {
    fn datasource() -> Self {
        Self {
            name: "datasource",
            label: "Prometheus",
            kind: "datasource",
            datasource: None,
            query: VariableQuery::Kind("prometheus"),
            refresh: 1,
            sort: 0,
            multi: false,
            include_all: false,
            all_value: None,
            current: None,
        }
    }

    /// The values of a label, of which several can be chosen, and all are at first.
    pub(crate) fn label(name: &'static str, label: &'static str, selector: &str) -> Self {
        Self {
            name,
            label,
            kind: "query",
            datasource: Some(DATASOURCE),
            query: VariableQuery::Labels {
                query: format!("label_values({selector}, {name})"),
                reference: "variable",
            },
            refresh: 2,
            sort: 1,
            multi: true,
            include_all: true,
            all_value: Some(".*"),
            current: Some(Chosen { text: "All", value: "$__all" }),
        }
    }
}

impl Dashboard {
    pub(crate) fn new(
        uid: &str,
        title: &str,
        description: &str,
        variables: Vec<Variable>,
        panels: Vec<Panel>,
    ) -> Self {
        let list = std::iter::once(Variable::datasource()).chain(variables).collect();
        Self {
            uid: uid.to_owned(),
            title: title.to_owned(),
            description: description.to_owned(),
            tags: vec!["tachograph"],
            editable: true,
            graph_tooltip: 1,
            schema_version: 39,
            refresh: "30s",
            timezone: "browser",
            time: Time { from: "now-1h", to: "now" },
            links: vec![Link {
                kind: "dashboards",
                title: "tachograph",
                tags: vec!["tachograph"],
                as_dropdown: true,
                include_vars: true,
                keep_time: true,
            }],
            templating: Templating { list },
            panels,
        }
    }

    /// As Grafana imports it.
    pub(crate) fn json(&self) -> String {
        // Only maps with keys that are no texts cannot be written, and there is none.
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }
}

/// Where a panel is, in columns of 24 and rows.
#[derive(Serialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) x: u8,
    pub(crate) y: u16,
    pub(crate) w: u8,
    pub(crate) h: u8,
}

/// One of the pictures of a dashboard, or the title of a row of them.
#[derive(Serialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Panel {
    pub(crate) id: u16,
    #[serde(rename = "type")]
    kind: &'static str,
    pub(crate) title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(rename = "gridPos")]
    pub(crate) place: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    collapsed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    datasource: Option<Datasource>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) targets: Vec<Target>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_config: Option<FieldConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Options>,
}

/// One of the queries of a panel.
#[derive(Serialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Target {
    ref_id: String,
    datasource: Datasource,
    pub(crate) expr: String,
    legend_format: String,
    range: bool,
    instant: bool,
    format: &'static str,
}

#[derive(Serialize, Debug)]
struct FieldConfig {
    defaults: Defaults,
    overrides: [(); 0],
}

#[derive(Serialize, Debug)]
struct Defaults {
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<u8>,
    custom: Drawn,
}

#[derive(Serialize, Debug)]
#[serde(rename_all = "camelCase")]
struct Drawn {
    line_width: u8,
    fill_opacity: u8,
    show_points: &'static str,
    span_nulls: bool,
}

#[derive(Serialize, Debug)]
#[serde(untagged)]
enum Options {
    Lines {
        legend: Legend,
        tooltip: Tooltip,
    },
    #[serde(rename_all = "camelCase")]
    Heatmap {
        calculate: bool,
        cell_gap: u8,
        color: Color,
        y_axis: Axis,
        legend: Shown,
        tooltip: Tooltip,
    },
    #[serde(rename_all = "camelCase")]
    Number {
        color_mode: &'static str,
        graph_mode: &'static str,
        reduce_options: Reduce,
        text_mode: &'static str,
    },
    #[serde(rename_all = "camelCase")]
    Table {
        show_header: bool,
    },
}

#[derive(Serialize, Debug)]
#[serde(rename_all = "camelCase")]
struct Legend {
    display_mode: &'static str,
    placement: &'static str,
    show_legend: bool,
}

#[derive(Serialize, Debug)]
struct Tooltip {
    mode: &'static str,
    sort: &'static str,
}

#[derive(Serialize, Debug)]
struct Color {
    mode: &'static str,
    scheme: &'static str,
    steps: u8,
}

#[derive(Serialize, Debug)]
struct Axis {
    unit: &'static str,
}

#[derive(Serialize, Debug)]
struct Shown {
    show: bool,
}

#[derive(Serialize, Debug)]
struct Reduce {
    calcs: [&'static str; 1],
}

const ALL_IN_ONE: Tooltip = Tooltip { mode: "multi", sort: "desc" };

impl Panel {
    fn new(kind: &'static str, title: &str, description: &str, unit: &'static str, options: Options) -> Self {
        let is_share = unit == "percentunit";
        let custom = Drawn { line_width: 1, fill_opacity: 10, show_points: "auto", span_nulls: false };
        let defaults = Defaults { unit, min: Some(0), max: is_share.then_some(1), custom };
        Self {
            id: 0,
            kind,
            title: title.to_owned(),
            description: description.to_owned(),
            place: Place { w: 8, h: 8, ..Place::default() },
            collapsed: None,
            datasource: Some(DATASOURCE),
            targets: Vec::new(),
            field_config: Some(FieldConfig { defaults, overrides: [] }),
            options: Some(options),
        }
    }

    /// The title of the panels below it.
    pub(crate) fn row(title: &str) -> Self {
        Self {
            place: Place { w: 24, h: 1, ..Place::default() },
            collapsed: Some(false),
            datasource: None,
            field_config: None,
            options: None,
            ..Self::new("row", title, "", "", Options::Table { show_header: false })
        }
    }

    /// Lines over time.
    pub(crate) fn lines(title: &str, description: &str, unit: &'static str) -> Self {
        let legend = Legend { display_mode: "list", placement: "bottom", show_legend: true };
        Self::new("timeseries", title, description, unit, Options::Lines { legend, tooltip: ALL_IN_ONE })
    }

    /// How many of each size over time.
    pub(crate) fn heatmap(title: &str, description: &str, unit: &'static str) -> Self {
        let color = Color { mode: "scheme", scheme: "Oranges", steps: 64 };
        let options = Options::Heatmap {
            calculate: false,
            cell_gap: 1,
            color,
            y_axis: Axis { unit },
            legend: Shown { show: true },
            tooltip: Tooltip { mode: "single", sort: "none" },
        };
        Self::new("heatmap", title, description, unit, options)
    }

    /// The last value, large.
    pub(crate) fn number(title: &str, description: &str, unit: &'static str) -> Self {
        let reduce_options = Reduce { calcs: ["lastNotNull"] };
        let options =
            Options::Number { color_mode: "value", graph_mode: "area", reduce_options, text_mode: "auto" };
        Self::new("stat", title, description, unit, options)
    }

    /// What there is now, a line each.
    pub(crate) fn table(title: &str, description: &str) -> Self {
        Self::new("table", title, description, "none", Options::Table { show_header: true })
    }

    /// With a query, and what its series are called.
    pub(crate) fn ask(mut self, expr: impl Into<String>, legend: &str) -> Self {
        let letter =
            u32::try_from(self.targets.len()).ok().and_then(|at| char::from_u32(u32::from('A') + at));
        let is_now = self.kind == "table";
        self.targets.push(Target {
            ref_id: letter.unwrap_or('Z').to_string(),
            datasource: DATASOURCE,
            expr: expr.into(),
            legend_format: legend.to_owned(),
            range: !is_now,
            instant: is_now,
            format: match self.kind {
                "heatmap" => "heatmap",
                "table" => "table",
                _ => "time_series",
            },
        });
        self
    }

    /// Where values below 0 mean something.
    pub(crate) fn with_negatives(mut self) -> Self {
        if let Some(config) = &mut self.field_config {
            config.defaults.min = None;
        }
        self
    }

    /// As wide as so many of 24 columns.
    pub(crate) fn wide(mut self, columns: u8) -> Self {
        self.place.w = columns;
        self
    }
}

/// Puts panels side by side, as many as have room, and numbers them.
pub(crate) fn placed(panels: impl IntoIterator<Item = Panel>) -> Vec<Panel> {
    let (mut x, mut y, mut height) = (0, 0, 0);
    let place = |(at, mut panel): (usize, Panel)| {
        let Place { w, h, .. } = panel.place;
        if x + w > 24 {
            (x, y, height) = (0, y + height, 0);
        }
        panel.place = Place { x, y, w, h };
        panel.id = u16::try_from(at + 1).unwrap_or(u16::MAX);
        (x, height) = (x + w, height.max(u16::from(h)));
        panel
    };
    panels.into_iter().enumerate().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_stand_side_by_side_as_many_as_have_room() {
        let panel = |width| Panel::lines("", "", "s").wide(width);
        let panels =
            placed([Panel::row("a"), panel(12), panel(12), panel(8), panel(8), Panel::row("b"), panel(8)]);
        let places: Vec<_> = panels.iter().map(|panel| (panel.place.x, panel.place.y)).collect();
        assert_eq!(places, [(0, 0), (0, 1), (12, 1), (0, 9), (8, 9), (0, 17), (0, 18)]);
    }
}
