import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  DashboardBuilder, DashboardCursorSync, DashboardLinkBuilder, DashboardLinkType, QueryVariableBuilder, RowBuilder, VariableRefresh,
  VariableSort, type Dashboard, type DashboardLink, type Panel
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DATASOURCE } from './panel.ts'

const TAG = 'bellwether'

export interface Layout {
  /** The file's name, and the end of the address in Grafana. */
  name: string
  title: string
  description: string
  /** By the title of each row, its panels from left to right. */
  rows: Readonly<Record<string, readonly Builder<Panel>[]>>
}

/** A whole dashboard: its rows, the choice of job and instance, and links to the others. The same layout gives the same JSON. */
export function dashboardOf ({ name, title, description, rows }: Layout): Dashboard {
  const builder = new DashboardBuilder(`Bellwether / ${title}`)
    .uid(`${TAG}-${name}`).description(description).tags([TAG]).readonly()
    .time({ from: 'now-1h', to: 'now' }).refresh('30s').tooltip(DashboardCursorSync.Crosshair)
    .link({ build: toTheOthers })
    .withVariable(choice('job', 'Job', 'label_values(bellwether_build_info, job)'))
    .withVariable(choice('instance', 'Instance', 'label_values(bellwether_build_info{job=~"$job"}, instance)'))
  for (const [row, panels] of Object.entries(rows)) {
    builder.withRow(new RowBuilder(row))
    for (const panel of panels) builder.withPanel(panel)
  }
  return numbered(builder.build())
}

/** In sight beside the choices: the builder would put it into a menu. */
function toTheOthers (): DashboardLink {
  const { placement, ...link } = new DashboardLinkBuilder('Bellwether')
    .type(DashboardLinkType.Dashboards).tags([TAG]).includeVars(true).keepTime(true).build()
  return link
}

function choice (name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label).datasource(DATASOURCE).query({ query, refId: name }).definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged).sort(VariableSort.AlphabeticalAsc)
    .multi(true).includeAll(true).current({ text: ['All'], value: ['$__all'] })
}

/** Grafana links to a panel by its number. */
function numbered (dashboard: Dashboard): Dashboard {
  for (const [index, panel] of (dashboard.panels ?? []).entries()) panel.id = index + 1
  return dashboard
}
