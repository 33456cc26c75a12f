/** The parts of a project's portal, as its address names them. */
export const portalTabs = ['begin', 'usage', 'log'] as const
export type PortalTab = (typeof portalTabs)[number]
