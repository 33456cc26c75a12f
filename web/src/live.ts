export function useLive(): void {}
