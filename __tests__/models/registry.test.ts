/** The zoo and the list of its names, which commands read without building anything. */
import { networkNames } from '../../models/names';
import { zoo } from '../../models/registry';

it('has the networks that it names, in their order', () => {
  expect(Object.keys(zoo)).toEqual(networkNames);
});
