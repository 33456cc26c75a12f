/** English words of Atlas. */

import { apis, apps, signIn, webhooks } from './en/apps.ts'
import { connections, health, users } from './en/people.ts'
import { providers, trouble } from './en/providers.ts'
import { overview, projects, quickStart } from './en/start.ts'
import { activity, admin, environments, invitation, keys, members, settings } from './en/team.ts'

export default {
  atlas: {
    connections,
    health,
    providers,
    trouble,
    users,
    projects,
    quickStart,
    overview,
    members,
    admin,
    invitation,
    keys,
    environments,
    activity,
    settings,
    webhooks,
    apps,
    signIn,
    apis,
    state: { active: 'Active', archived: 'Archived', deleting: 'Being deleted' },
    role: { viewer: 'Viewer', developer: 'Developer', admin: 'Admin', owner: 'Owner' },
    actions: 'Actions',
    change: 'Change',
    saved: 'Saved.',
    environment: 'Environment',
    nav: 'Pages of {{name}}',
    tab: {
      overview: 'Overview',
      quickStart: 'Quick start',
      apps: 'Apps',
      providers: 'Providers',
      users: 'End users',
      connections: 'Connections',
      webhooks: 'Webhooks',
      signIn: 'Sign-in',
      keys: 'Keys',
      members: 'Members',
      environments: 'Environments',
      activity: 'Activity',
      settings: 'Settings',
    },
    roleAbout: {
      viewer: 'Sees everything but secrets; changes nothing.',
      developer: 'Also configures every environment but production.',
      admin: 'Also configures production, and invites and manages members.',
      owner: 'Also appoints owners and deletes the project.',
    },
    overlap: {
      now: 'At once',
      hour: 'After an hour',
      day: 'After a day',
      week: 'After a week',
    },
  },
}
