/** How the user calls the set-up: in a checkout by npm's script, else by the installed program. */
export function setUpCommand(gpu: boolean): string {
  const installed = /[\\/]node_modules[\\/]/.test(__dirname);
  if (installed) return `npx cnn-lineage setup${gpu ? ' --gpu' : ''}`;
  return `npm run setup${gpu ? ' -- --gpu' : ''}`;
}
