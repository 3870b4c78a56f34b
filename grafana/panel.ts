import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueColorMode, BigValueGraphMode, GraphThresholdsStyleConfigBuilder, GraphThresholdsStyleMode, LegendDisplayMode, LegendPlacement,
  ReduceDataOptionsBuilder, SortOrder, StackingConfigBuilder, StackingMode, TooltipDisplayMode, VisibilityMode, VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder
} from '@grafana/grafana-foundation-sdk/common'
import {
  FieldColorBuilder, FieldColorModeId, MappingType, ThresholdsConfigBuilder, ThresholdsMode, type Panel, type Threshold
} from '@grafana/grafana-foundation-sdk/dashboard'
import { HeatmapColorMode, HeatmapColorOptionsBuilder, PanelBuilder as HeatmapBuilder, YAxisConfigBuilder } from '@grafana/grafana-foundation-sdk/heatmap'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

/** The fixed uid in provisioning/datasources. */
export const DATASOURCE = { type: 'prometheus', uid: 'prometheus' }

/** The legend by PromQL: `{ 'p95 {{instance}}': 'histogram_quantile(...)' }`. */
export type Queries = Readonly<Record<string, string>>

/** From this value on something is worth a look, from that on it is bad. */
export interface Limits { warning: number, critical: number }

export interface Shown {
  title: string
  /** What is shown and what to make of it: the text behind the i of the panel. */
  description: string
  /** An id of Grafana's units. */
  unit: string
  queries: Queries
  limits?: Limits
}

export interface GraphShown extends Shown {
  /** Of 24. */
  width?: number
  isStacked?: boolean
  /** The top of a scale that has one: 1 for shares. */
  most?: number
}

const GRAPH_HEIGHT = 8
const STAT_HEIGHT = 4

/** Lines over time. A stretch without a sample stays open: it is not known what happened there. */
export function graph ({ width = 12, isStacked = false, most, ...shown }: GraphShown): Builder<Panel> {
  const panel = new TimeseriesBuilder()
    .title(shown.title).description(shown.description).datasource(DATASOURCE).targets(targetsOf(shown.queries))
    .unit(shown.unit).min(0).height(GRAPH_HEIGHT).span(width)
    .lineWidth(1).fillOpacity(isStacked ? 30 : 8).showPoints(VisibilityMode.Never).spanNulls(false)
    .stacking(new StackingConfigBuilder().mode(isStacked ? StackingMode.Normal : StackingMode.None))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .legend(new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.Table).placement(LegendPlacement.Bottom).calcs(['lastNotNull', 'max']))
    .thresholds(thresholdsOf(shown.limits))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(shown.limits === undefined ? GraphThresholdsStyleMode.Off : GraphThresholdsStyleMode.Dashed))
  return most === undefined ? panel : panel.max(most)
}

/** One number with its course behind it. */
export function stat (shown: Shown): StatBuilder {
  return new StatBuilder()
    .title(shown.title).description(shown.description).datasource(DATASOURCE).targets(targetsOf(shown.queries))
    .unit(shown.unit).height(STAT_HEIGHT).span(4)
    .thresholds(thresholdsOf(shown.limits)).colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .colorMode(shown.limits === undefined ? BigValueColorMode.None : BigValueColorMode.Value).graphMode(BigValueGraphMode.Area)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
}

/** Whether something is up: its query answers 0 or 1. */
export function upStat (shown: Omit<Shown, 'unit' | 'limits'>): Builder<Panel> {
  return stat({ ...shown, unit: 'none' })
    .colorMode(BigValueColorMode.Background).graphMode(BigValueGraphMode.None)
    .mappings([{
      type: MappingType.ValueToText,
      options: { 0: { text: 'DOWN', color: 'red', index: 0 }, 1: { text: 'UP', color: 'green', index: 1 } }
    }])
}

/** How often each height was met, over time. The query answers buckets by `le`. */
export function heatmap ({ title, description, unit, expr }: Pick<Shown, 'title' | 'description' | 'unit'> & { expr: string }): Builder<Panel> {
  return new HeatmapBuilder()
    .title(title).description(description).datasource(DATASOURCE).height(GRAPH_HEIGHT).span(12)
    .targets([new DataqueryBuilder().datasource(DATASOURCE).expr(expr).legendFormat('{{le}}').format(PromQueryFormat.Heatmap).range().refId('A')])
    .calculate(false).color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme)).yAxis(new YAxisConfigBuilder().unit(unit)).cellGap(1).showLegend()
}

export interface Column {
  title: string
  unit: string
  expr: string
  limits?: Limits
}

/** A row for each set of `labels`, a column for each query, the largest of the first column on top. */
export function table ({ title, description, labels, columns }: { title: string, description: string, labels: string[], columns: Column[] }): Builder<Panel> {
  const names = columns.map((_, index) => `Value #${refIdOf(index)}`)
  const panel = new TableBuilder()
    .title(title).description(description).datasource(DATASOURCE).height(GRAPH_HEIGHT + 2).span(24)
    .targets(columns.map(({ expr }, index) =>
      new DataqueryBuilder().datasource(DATASOURCE).expr(expr).format(PromQueryFormat.Table).instant().refId(refIdOf(index))))
    .transformations([
      { id: 'merge', options: {} },
      { id: 'organize', options: { excludeByName: { Time: true }, indexByName: Object.fromEntries([...labels, ...names].map((name, index) => [name, index])) } },
      { id: 'sortBy', options: { sort: [{ field: names[0], desc: true }] } }
    ])
  for (const [index, { title, unit, limits }] of columns.entries()) {
    panel.overrideByName(`Value #${refIdOf(index)}`, [
      { id: 'displayName', value: title },
      { id: 'unit', value: unit },
      ...limits === undefined ? [] : [{ id: 'thresholds', value: thresholdsOf(limits).build() }, { id: 'custom.cellOptions', value: { type: 'color-text' } }]
    ])
  }
  return panel
}

function targetsOf (queries: Queries): DataqueryBuilder[] {
  return Object.entries(queries).map(([legend, expr], index) =>
    new DataqueryBuilder().datasource(DATASOURCE).expr(expr).legendFormat(legend).range().refId(refIdOf(index)))
}

function thresholdsOf (limits: Limits | undefined): ThresholdsConfigBuilder {
  const fine: Threshold = { value: null, color: limits === undefined ? 'text' : 'green' }
  const steps = limits === undefined ? [] : [{ value: limits.warning, color: 'orange' }, { value: limits.critical, color: 'red' }]
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([fine, ...steps])
}

/** A, B, C, as Grafana names queries. */
function refIdOf (index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index)
}
