"""What panels and dashboards have in common, so that a dashboard says only what is its own.

Every panel names its data source by the variable `datasource`, has a title, a description and a unit,
and says why it may be empty: tests/dashboards.rs asks each expression of a real Prometheus and accepts
no answer only where the description gives a reason. Start at `dashboard`.
"""

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
# The form of Grafana 11, which later versions read and turn into their own.
SCHEMA_VERSION = 39
COLUMNS = 24

GREEN, AMBER, RED, BLUE = "green", "orange", "red", "blue"


def dashboard(name, title, says, variables, panels):
    """A dashboard: panels in the order in which they are read, laid out from left to right."""
    return {
        "uid": f"truecount-{name}",
        "title": f"Truecount: {title}",
        "description": says,
        "tags": ["truecount"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        # Deadlines are London times.
        "timezone": "Europe/London",
        "links": [
            {
                "title": "Truecount",
                "type": "dashboards",
                "tags": ["truecount"],
                "asDropdown": False,
                "includeVars": True,
                "keepTime": True,
                "targetBlank": False,
                "icon": "external link",
                "tooltip": "",
            }
        ],
        "annotations": {"list": [firing()]},
        "templating": {"list": [datasource()] + variables},
        "panels": laid_out(panels),
    }


def firing():
    """A line in every graph where an alert of Truecount began or ended."""
    return {
        "name": "Alerts",
        "datasource": SOURCE,
        "enable": True,
        "iconColor": RED,
        "expr": 'ALERTS{job=~"$job|$job-alert", alertstate="firing"}',
        "step": "60s",
        "titleFormat": "{{alertname}}",
        "textFormat": "{{force}} {{feed}} {{rule}} {{stage}}",
    }


def datasource():
    return {
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
        "refresh": 1,
        "includeAll": False,
        "multi": False,
        "hide": 0,
    }


def variable(name, label, values, several):
    """A variable whose values Prometheus is asked for; with `several`, any number of them or all."""
    made = {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "definition": values,
        "query": {"qryType": 1, "query": values, "refId": name},
        "refresh": 2,
        "sort": 1,
        "includeAll": several,
        "multi": several,
        "hide": 0,
    }
    if several:
        made["allValue"] = ".*"
        made["current"] = {"text": ["All"], "value": ["$__all"]}
    return made


JOB = variable("job", "Job", "label_values(truecount_build_info, job)", False)
INSTANCE = variable("instance", "Process", 'label_values(up{job="$job"}, instance)', True)
FORCE = variable("force", "Force", 'label_values(truecount_things{job="$job"}, force)', True)


def row(title):
    """A heading over the panels that follow."""
    return {"type": "row", "title": title, "collapsed": False, "panels": [], "size": (COLUMNS, 1)}


def text(title, content, size):
    """What no metric says, and where it is said."""
    options = {"mode": "markdown", "content": content}
    return {"type": "text", "title": title, "description": title + ".", "options": options, "size": size}


def stat(title, says, expr, unit, steps=((None, BLUE),), size=(4, 4), **more):
    """One number."""
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "none",
        "textMode": "auto",
    }
    targets = [target("A", expr, "", instant=True)]
    return asking("stat", title, says, targets, unit, steps, size, options, **more)


def bars(title, says, expr, legend, unit, steps=((None, BLUE),), size=(8, 8), **more):
    """A number for each value of a label, as bars."""
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "orientation": "horizontal",
        "displayMode": "basic",
    }
    targets = [target("A", expr, legend, instant=True)]
    return asking("bargauge", title, says, targets, unit, steps, size, options, **more)


def series(title, says, lines, unit, steps=((None, GREEN),), size=(8, 8), stacked=False, **more):
    """Lines over time: pairs of a legend and an expression."""
    options = {
        "legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    targets = [
        target(chr(ord("A") + at), expr, legend) for at, (legend, expr) in enumerate(lines)
    ]
    panel = asking("timeseries", title, says, targets, unit, steps, size, options, **more)
    custom = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "auto"}
    if stacked:
        custom["stacking"] = {"mode": "normal", "group": "A"}
        custom["fillOpacity"] = 40
    if len(steps) > 1:
        custom["thresholdsStyle"] = {"mode": "line"}
    panel["fieldConfig"]["defaults"]["custom"] = custom
    return panel


def table(title, says, columns, keys, unit="short", size=(24, 8), **more):
    """A row for each value of the labels in `keys`; each column is a heading, an expression, a unit."""
    targets, overrides, names = [], [], {}
    for at, (heading, expr, column_unit) in enumerate(columns):
        letter = chr(ord("A") + at)
        targets.append(target(letter, expr, "", instant=True, form="table"))
        # With one query Grafana names the column of values without its letter.
        names[f"Value #{letter}" if len(columns) > 1 else "Value"] = heading
        overrides.append(
            {
                "matcher": {"id": "byName", "options": heading},
                "properties": [{"id": "unit", "value": column_unit}],
            }
        )
    options = {"showHeader": True, "cellHeight": "sm"}
    steps = ((None, BLUE),)
    panel = asking("table", title, says, targets, unit, steps, size, options, **more)
    panel["fieldConfig"]["overrides"] = overrides
    order = {name: at for at, name in enumerate(list(keys) + list(names))}
    hidden = {"Time": True, "__name__": True}
    panel["transformations"] = [
        {"id": "merge", "options": {}},
        {
            "id": "organize",
            "options": {"excludeByName": hidden, "indexByName": order, "renameByName": names},
        },
    ]
    return panel


def target(letter, expr, legend, instant=False, form="time_series"):
    made = {
        "refId": letter,
        "datasource": SOURCE,
        "editorMode": "code",
        "expr": " ".join(expr.split()),
        "format": form,
        "instant": instant,
        "range": not instant,
    }
    if legend:
        made["legendFormat"] = legend
    return made


def asking(kind, title, says, targets, unit, steps, size, options, **more):
    """A panel that asks Prometheus. `empty` says while what it is empty; `needs` names a command without
    which it is, since the demo has neither a broker nor anybody to tell; `none` is shown in place of no
    answer."""
    empty, needs = more.pop("empty", None), more.pop("needs", None)
    none, least, most = more.pop("none", None), more.pop("least", None), more.pop("most", None)
    if more:
        raise TypeError(f"{title}: {sorted(more)}")
    description = " ".join(says.split())
    if needs:
        description += f" Needs `truecount {needs}`: the demo never fills it."
    if empty:
        description += f" Empty while {' '.join(empty.split())}."
    defaults = {
        "unit": unit,
        "color": {"mode": "thresholds" if kind != "timeseries" else "palette-classic"},
        "thresholds": {
            "mode": "absolute",
            "steps": [{"value": value, "color": color} for value, color in steps],
        },
    }
    for name, value in (("noValue", none), ("min", least), ("max", most)):
        if value is not None:
            defaults[name] = value
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
        "targets": targets,
        "size": size,
    }


def laid_out(panels):
    """Gives each panel its number and its place."""
    placed, x, y, tallest = [], 0, 0, 0
    for number, panel in enumerate(panels, start=1):
        panel = dict(panel)
        width, height = panel.pop("size")
        if x + width > COLUMNS:
            x, y, tallest = 0, y + tallest, 0
        panel["id"] = number
        panel["gridPos"] = {"x": x, "y": y, "w": width, "h": height}
        x, tallest = x + width, max(tallest, height)
        placed.append(panel)
    return placed
